// SPDX-License-Identifier: MIT
#if __has_include(<sodium.h>)
#include <sodium.h>
#else
#error "libsodium's header is missing: apt-get install libsodium-dev (or: brew install libsodium)"
#endif
