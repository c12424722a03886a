// SPDX-License-Identifier: MIT
#if __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#else
#error "libpq's header is missing: apt-get install libpq-dev (or: brew install libpq)"
#endif
