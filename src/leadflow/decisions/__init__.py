"""Every use case as a pure decision: values, the moment and new ids in, a Change out."""
