# Language level, warnings, sanitizers and the linker, for every target of the project.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

find_program(HAIVE_CCACHE ccache)
if(HAIVE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${HAIVE_CCACHE})
endif()

if(PROJECT_IS_TOP_LEVEL)
    # g++ 12 miscompiles coroutines (docs/decisions/0001-compiler.md): sources need clang.
    if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        message(FATAL_ERROR "haive-mcp is built with clang (a consumer may use g++): "
            "use ./dev build, or -DCMAKE_CXX_COMPILER=clang++-19")
    endif()
    add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Werror=return-type)
    find_program(HAIVE_LLD ld.lld-19)
    if(HAIVE_LLD)
        add_link_options(--ld-path=${HAIVE_LLD})
    endif()
endif()

if(HAIVE_MCP_SANITIZE STREQUAL "address")
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
elseif(HAIVE_MCP_SANITIZE STREQUAL "thread")
    add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
    add_link_options(-fsanitize=thread)
elseif(HAIVE_MCP_SANITIZE)
    message(FATAL_ERROR "HAIVE_MCP_SANITIZE is '${HAIVE_MCP_SANITIZE}': use address, thread or nothing")
endif()
