"""`make demo`: the whole story on real data, told as it happens, each step checked."""
