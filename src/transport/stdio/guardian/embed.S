# The guardian's program, carried inside the library.
    .section .rodata
    .balign 16
    .global haive_mcp_guardian_begin
    .global haive_mcp_guardian_end
haive_mcp_guardian_begin:
    .incbin HAIVE_GUARDIAN_FILE
haive_mcp_guardian_end:
    .byte 0
    .section .note.GNU-stack,"",@progbits
