"""The roster, the reps' ledgers, and the rules of turns: the parts of ``leadflow.routing``."""
