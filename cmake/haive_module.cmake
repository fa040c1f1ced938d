# haive_module(NAME EDGES other...): the static library of include/haive/mcp/NAME and src/NAME.
# A module may only see the modules it names; its private headers in src/ are never installed.
function(haive_module name)
    cmake_parse_arguments(ARG "" "" "EDGES" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
    list(FILTER sources EXCLUDE REGEX "/guardian/")
    add_library(haive_mcp_${name} STATIC ${sources})
    add_library(haive::mcp_${name} ALIAS haive_mcp_${name})
    set_target_properties(haive_mcp_${name} PROPERTIES LINKER_LANGUAGE CXX EXPORT_NAME mcp_${name})
    target_compile_features(haive_mcp_${name} PUBLIC cxx_std_20)
    target_include_directories(haive_mcp_${name}
        PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>
        PRIVATE ${PROJECT_SOURCE_DIR}/src)
    foreach(edge IN LISTS ARG_EDGES)
        target_link_libraries(haive_mcp_${name} PUBLIC haive_mcp_${edge})
    endforeach()
    set_property(GLOBAL APPEND PROPERTY HAIVE_MODULES ${name})
endfunction()

# haive_test(NAME SOURCES glob... [LIBS lib...] [LABEL kind]): one GoogleTest program, one ctest entry a test.
function(haive_test name)
    cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SOURCES;LIBS" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${ARG_SOURCES})
    if(NOT sources)
        return()
    endif()
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 120)
    endif()
    add_executable(${name} ${sources})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gmock GTest::gtest_main)
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60
        PROPERTIES LABELS "${ARG_LABEL}" TIMEOUT ${ARG_TIMEOUT})
endfunction()
