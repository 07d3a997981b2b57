"""One page type a file: its keys, the stimuli it needs, its pages, the answers it takes."""
