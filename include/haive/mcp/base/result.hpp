#pragma once

#include "haive/mcp/base/error.hpp"

#include <boost/system/result.hpp>

namespace haive::mcp {

/// A value or an Error. `value()` throws the documented exception class for the error.
template <class T>
using Result = boost::system::result<T, Error>;

/// Found by boost::system::result::value() to throw our own exceptions.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

}  // namespace haive::mcp
