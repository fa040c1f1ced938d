#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

namespace haive::mcp {

/// A file descriptor on the loop, bound to its one kind of executor: the type-erased default costs at
/// every wait.
using Descriptor = boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

}  // namespace haive::mcp
