"""The second screen: a reader shows what is asked on the phone beside it."""
