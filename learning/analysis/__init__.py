"""From records of runs to numbers about methods: frames, statistics, tables, comparisons."""
