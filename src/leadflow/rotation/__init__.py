"""The roster, the reps' ledgers, and whose turn it is: what ``leadflow.routing`` decides with."""
