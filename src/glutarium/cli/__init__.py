"""The command line: one small file per command, words in and words out, nothing decided here."""
