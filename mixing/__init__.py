"""From vocal and backing to a mix; without participants, pages or storage."""
