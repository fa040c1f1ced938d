# The guardian: a tiny static program, embedded into the transport module and started from memory.
