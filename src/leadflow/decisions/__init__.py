"""Every use case as pure functions: values, the moment and new ids in, a Change out."""
