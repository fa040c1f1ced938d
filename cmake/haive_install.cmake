# haive::mcp: the one target users link; install rules and the package files.
include(CMakePackageConfigHelpers)
option(HAIVE_MCP_INSTALL "Install the library, its headers and the programs" ${PROJECT_IS_TOP_LEVEL})

add_library(haive_mcp INTERFACE)
add_library(haive::mcp ALIAS haive_mcp)
set_target_properties(haive_mcp PROPERTIES EXPORT_NAME mcp)
target_link_libraries(haive_mcp INTERFACE haive_mcp_connection haive_mcp_pool haive_mcp_manager haive_mcp_config haive_mcp_skills haive_mcp_exporters)

# Every module, and the static libraries that only modules link (a target outside of this list that a
# module links has to append itself to HAIVE_SUPPORT_TARGETS).
function(haive_install_library)
    get_property(modules GLOBAL PROPERTY HAIVE_MODULES)
    get_property(support GLOBAL PROPERTY HAIVE_SUPPORT_TARGETS)
    list(TRANSFORM modules PREPEND haive_mcp_)
    set(package ${CMAKE_INSTALL_LIBDIR}/cmake/haive-mcp)

    install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        COMPONENT development FILES_MATCHING PATTERN "*.hpp")
    install(TARGETS haive_mcp ${modules} ${support} EXPORT haive-mcp-targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
    install(EXPORT haive-mcp-targets NAMESPACE haive:: DESTINATION ${package} COMPONENT development)

    configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/haive-mcp-config.cmake.in
        ${PROJECT_BINARY_DIR}/haive-mcp-config.cmake INSTALL_DESTINATION ${package}
        NO_SET_AND_CHECK_MACRO)
    # Before 1.0 every minor version may change the API.
    write_basic_package_version_file(${PROJECT_BINARY_DIR}/haive-mcp-config-version.cmake
        VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
    install(FILES ${PROJECT_BINARY_DIR}/haive-mcp-config.cmake
        ${PROJECT_BINARY_DIR}/haive-mcp-config-version.cmake
        DESTINATION ${package} COMPONENT development)
endfunction()

function(haive_install_programs)
    foreach(program haive-mcp haive-mcp-server)
        if(TARGET ${program})
            install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT programs)
        endif()
    endforeach()
endfunction()

if(HAIVE_MCP_INSTALL)
    # At the end of the top list file, when all modules and programs are known.
    cmake_language(DEFER CALL haive_install_library)
    cmake_language(DEFER CALL haive_install_programs)
endif()
