# The guardian: a tiny static program, embedded into the transport module and started from memory.
# It is never instrumented: it must be small, and it has to outlive a crashing host.
set(guardian_dir ${PROJECT_SOURCE_DIR}/src/transport/stdio/guardian)
add_executable(haive_mcp_guardian ${guardian_dir}/main.cpp ${guardian_dir}/child.cpp
    ${guardian_dir}/processes.cpp)
target_include_directories(haive_mcp_guardian PRIVATE ${PROJECT_SOURCE_DIR}/src)
set(guardian_file ${PROJECT_BINARY_DIR}/haive_mcp_guardian)
set_target_properties(haive_mcp_guardian PROPERTIES RUNTIME_OUTPUT_DIRECTORY $<1:${PROJECT_BINARY_DIR}>
    POSITION_INDEPENDENT_CODE OFF INTERPROCEDURAL_OPTIMIZATION OFF)
target_compile_options(haive_mcp_guardian PRIVATE -Os -g0 -fno-exceptions -fno-rtti -fno-sanitize=all
    -fno-profile-instr-generate -fno-coverage-mapping)
target_link_options(haive_mcp_guardian PRIVATE -static -fno-sanitize=all -Wl,-s
    -fno-profile-instr-generate)

set_source_files_properties(${guardian_dir}/embed.S TARGET_DIRECTORY haive_mcp_transport PROPERTIES
    COMPILE_DEFINITIONS "HAIVE_GUARDIAN_FILE=\"${guardian_file}\""
    OBJECT_DEPENDS ${guardian_file})
target_sources(haive_mcp_transport PRIVATE ${guardian_dir}/embed.S)
add_dependencies(haive_mcp_transport haive_mcp_guardian)
