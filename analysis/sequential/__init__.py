"""Tests before the end of a study: at planned interim looks at the data, or at any time."""
