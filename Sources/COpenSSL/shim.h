// SPDX-License-Identifier: MIT
#ifndef CHAT_OPENSSL_SHIM_H
#define CHAT_OPENSSL_SHIM_H

#if __has_include(<openssl/ssl.h>)
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#else
#error "OpenSSL's headers are missing: apt-get install libssl-dev (or: brew install openssl)"
#endif

#if OPENSSL_VERSION_NUMBER < 0x30000000L
#error "OpenSSL 3.0 or later is needed"
#endif

// Swift sees no macros with arguments: here they are functions.

static inline int chat_ssl_ctx_min_version(SSL_CTX *ctx, int version) {
    return SSL_CTX_set_min_proto_version(ctx, version);
}
static inline int chat_ssl_ctx_max_version(SSL_CTX *ctx, int version) {
    return SSL_CTX_set_max_proto_version(ctx, version);
}
static inline void chat_ssl_ctx_mode(SSL_CTX *ctx, long mode) { SSL_CTX_set_mode(ctx, mode); }
static inline void chat_ssl_ctx_cache_mode(SSL_CTX *ctx, long mode) {
    SSL_CTX_set_session_cache_mode(ctx, mode);
}
static inline int chat_ssl_ctx_groups(SSL_CTX *ctx, const char *list) {
    return (int)SSL_CTX_set1_groups_list(ctx, list);
}
static inline uint64_t chat_ssl_server_options(void) {
    return SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION
        | SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION;
}
static inline int chat_ssl_set_host(SSL *ssl, const char *name) {
    return (int)SSL_set_tlsext_host_name(ssl, name);
}

static inline int chat_ssl_versions(SSL *ssl, int minimum, int maximum) {
    return SSL_set_min_proto_version(ssl, minimum) && SSL_set_max_proto_version(ssl, maximum);
}

typedef int (*chat_server_name_callback)(SSL *, int *, void *);
static inline void chat_ssl_ctx_on_server_name(SSL_CTX *ctx, chat_server_name_callback callback) {
    SSL_CTX_set_tlsext_servername_callback(ctx, callback);
}

typedef int (*chat_ticket_callback)(
    SSL *, unsigned char *, unsigned char *, EVP_CIPHER_CTX *, EVP_MAC_CTX *, int);
static inline void chat_ssl_ctx_on_ticket(SSL_CTX *ctx, chat_ticket_callback callback) {
    SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, callback);
}

// Prepares the ciphers of a session ticket: AES-256-CBC, then HMAC-SHA-256.
static inline int chat_ticket_ciphers(
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, const unsigned char *cipher_key,
    const unsigned char *mac_key, const unsigned char *iv, int encrypts) {
    char digest[] = "SHA256";
    OSSL_PARAM params[3];
    params[0] = OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)mac_key, 32);
    params[1] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0);
    params[2] = OSSL_PARAM_construct_end();
    return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), 0, cipher_key, iv, encrypts) == 1
        && EVP_MAC_CTX_set_params(mac, params) == 1;
}

static inline void chat_bio_retry_read(BIO *bio) {
    BIO_clear_retry_flags(bio);
    BIO_set_retry_read(bio);
}
static inline void chat_bio_no_retry(BIO *bio) { BIO_clear_retry_flags(bio); }

// Calls with a variable number of arguments or macros with types.
static inline EVP_PKEY *chat_ec_key(const char *curve) { return EVP_EC_gen(curve); }
static inline EVP_PKEY *chat_rsa_key(unsigned int bits) { return EVP_RSA_gen(bits); }

static inline int chat_error_reason(unsigned long error) { return ERR_GET_REASON(error); }

#endif
