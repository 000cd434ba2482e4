#pragma once
// Parts of OpenSSL that Swift cannot import: function-like macros, callbacks, and results that must
// be read from errno and the error queue together. Nothing else belongs here.
#include <openssl/ssl.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/pem.h>
#include <openssl/evp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

// Results of reading and writing other than a byte count.
enum { TK_TLS_END = 0, TK_TLS_WANT_READ = -1, TK_TLS_WANT_WRITE = -2, TK_TLS_FAILED = -3 };

static inline int tk_tls_result(const SSL *ssl, int result) {
    if (result > 0) return result;
    switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_WANT_READ: return TK_TLS_WANT_READ;
    case SSL_ERROR_WANT_WRITE: return TK_TLS_WANT_WRITE;
    case SSL_ERROR_ZERO_RETURN: return TK_TLS_END;
    default: return TK_TLS_FAILED;
    }
}
// MARK: The socket below TLS

// A receive that returns less than requested has emptied the socket. OpenSSL's socket BIO does not
// use that, and asks the kernel again after every record. The BIO's data is the descriptor, shifted
// by one, and whether the socket is known to be empty.
static inline int tk_bio_fd(BIO *bio) { return (int)((intptr_t)BIO_get_data(bio) >> 1); }
static inline void tk_bio_set(BIO *bio, int fd, int is_empty) {
    BIO_set_data(bio, (void *)((intptr_t)fd << 1 | is_empty));
}
static inline int tk_bio_read(BIO *bio, char *bytes, int count) {
    BIO_clear_retry_flags(bio);
    if ((intptr_t)BIO_get_data(bio) & 1) {
        BIO_set_retry_read(bio);
        return -1;
    }
    int fd = tk_bio_fd(bio);
    int result = (int)recv(fd, bytes, (size_t)count, 0);
    if (result > 0) {
        if (result < count) tk_bio_set(bio, fd, 1);
    } else if (result == 0) {
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    } else if (errno == EAGAIN || errno == EINTR) {
        BIO_set_retry_read(bio);
    }
    return result;
}
static inline int tk_bio_write(BIO *bio, const char *bytes, int count) {
    BIO_clear_retry_flags(bio);
    int result = (int)send(tk_bio_fd(bio), bytes, (size_t)count, MSG_NOSIGNAL);
    if (result < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
    return result;
}
static inline long tk_bio_control(BIO *bio, int command, long number, void *pointer) {
    (void)number, (void)pointer;
    switch (command) {
    case BIO_CTRL_FLUSH: return 1;
    case BIO_CTRL_EOF: return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    default: return 0;
    }
}
static inline int tk_bio_created(BIO *bio) {
    BIO_set_init(bio, 1);
    return 1;
}
/// Created once; NULL if out of memory.
static inline const BIO_METHOD *tk_bio_method(void) {
    static BIO_METHOD *made;
    BIO_METHOD *method = __atomic_load_n(&made, __ATOMIC_ACQUIRE);
    if (method) return method;
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "turnkeeper");
    if (!method) return NULL;
    BIO_meth_set_read(method, tk_bio_read);
    BIO_meth_set_write(method, tk_bio_write);
    BIO_meth_set_ctrl(method, tk_bio_control);
    BIO_meth_set_create(method, tk_bio_created);
    BIO_METHOD *other = NULL;
    if (__atomic_compare_exchange_n(&made, &other, method, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return method;
    BIO_meth_free(method);
    return other;
}
/// False if out of memory. The descriptor still belongs to the caller.
static inline int tk_bio_attach(SSL *ssl, int fd) {
    const BIO_METHOD *method = tk_bio_method();
    BIO *bio = method ? BIO_new(method) : NULL;
    if (!bio) return 0;
    tk_bio_set(bio, fd, 0);
    SSL_set_bio(ssl, bio, bio);
    return 1;
}
/// The socket may have data again: call it once before each wake-up's reads.
static inline void tk_tls_woke(SSL *ssl) {
    BIO *bio = SSL_get_rbio(ssl);
    tk_bio_set(bio, tk_bio_fd(bio), 0);
}

// The error queue belongs to the thread: an error left by another connection would be mistaken for
// this one's. Clearing it visits all its slots, so it is only cleared if it is not empty.
static inline void tk_tls_prepare(void) {
    if (ERR_peek_error()) ERR_clear_error();
}
static inline int tk_tls_handshake(SSL *ssl) {
    tk_tls_prepare();
    tk_tls_woke(ssl);
    errno = 0;
    return tk_tls_result(ssl, SSL_do_handshake(ssl));
}
static inline int tk_tls_read(SSL *ssl, void *bytes, int count) {
    tk_tls_prepare();
    return tk_tls_result(ssl, SSL_read(ssl, bytes, count));
}
/// Whether another read may find anything before the next wake-up; asking is cheaper than reading.
static inline int tk_tls_may_have_more(SSL *ssl) {
    return SSL_has_pending(ssl) || !((intptr_t)BIO_get_data(SSL_get_rbio(ssl)) & 1);
}
static inline int tk_tls_write(SSL *ssl, const void *bytes, int count) {
    tk_tls_prepare();
    return tk_tls_result(ssl, SSL_write(ssl, bytes, count));
}
/// Sends close_notify, as far as possible without waiting.
static inline void tk_tls_shutdown(SSL *ssl) {
    ERR_clear_error();
    SSL_shutdown(ssl);
    ERR_clear_error();
}
/// Why the last call on this thread failed, in OpenSSL's words, or the system's.
static inline void tk_tls_error(SSL *ssl, char *text, size_t size) {
    int system = errno;
    unsigned long code = ERR_peek_error();  // the first is the cause of the others
    long verified = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    if (verified != X509_V_OK && !SSL_is_server(ssl))
        snprintf(text, size, "certificate verify failed: %s",
                 X509_verify_cert_error_string(verified));
    else if (reason)
        snprintf(text, size, "%s", reason);
    else if (code && ERR_SYSTEM_ERROR(code))
        snprintf(text, size, "%s", strerror(ERR_GET_REASON(code)));
    else
        snprintf(text, size, "%s", system ? strerror(system) : "connection ended in the handshake");
    ERR_clear_error();
}

static inline int tk_select_http(SSL *ssl, const unsigned char **out, unsigned char *length,
                                 const unsigned char *offered, unsigned int offered_length,
                                 void *unused) {
    static const unsigned char http[] = "\x08http/1.1";
    (void)ssl, (void)unused;
    if (SSL_select_next_proto((unsigned char **)out, length, http, 9, offered, offered_length) ==
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_OK;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}
static inline void tk_tls_common(SSL_CTX *context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
    // One receive takes many records, instead of two receives per record.
    SSL_CTX_set_read_ahead(context, 1);
}
/// Nobody is asked for a pass phrase: a server has no terminal, or nobody at it.
static inline int tk_no_pass_phrase(char *phrase, int size, int is_writing, void *data) {
    (void)phrase, (void)size, (void)is_writing, (void)data;
    return -1;
}
/// NULL, with the reason in the error queue, if the files cannot be used.
static inline SSL_CTX *tk_tls_server(const char *certificate, const char *key) {
    ERR_clear_error();
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context) return NULL;
    tk_tls_common(context);
    SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_session_id_context(context, (const unsigned char *)"turnkeeper", 10);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets instead
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_alpn_select_cb(context, tk_select_http, NULL);
    SSL_CTX_set_default_passwd_cb(context, tk_no_pass_phrase);
    if (SSL_CTX_use_certificate_chain_file(context, certificate) == 1 &&
        SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 &&
        SSL_CTX_check_private_key(context) == 1)
        return context;
    SSL_CTX_free(context);
    return NULL;
}
/// Trusts the system's certificates. OpenSSL looks where the system it was built on keeps them; as a
/// bundled library it must also find those of other systems.
static inline int tk_tls_trust_system(SSL_CTX *context) {
    static const char *const files[] = {
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    };
    int is_set = SSL_CTX_set_default_verify_paths(context);
    if (getenv("SSL_CERT_FILE") || getenv("SSL_CERT_DIR") ||
        access(X509_get_default_cert_file(), R_OK) == 0 ||
        access(X509_get_default_cert_dir(), R_OK) == 0)
        return is_set;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (SSL_CTX_load_verify_locations(context, files[i], NULL) == 1) break;
    ERR_clear_error();
    return is_set;
}
/// Trusts the system's roots if `authorities` is NULL.
static inline SSL_CTX *tk_tls_client(const char *authorities) {
    ERR_clear_error();
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (!context) return NULL;
    tk_tls_common(context);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_session_cache_mode(context,
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_set_alpn_protos(context, (const unsigned char *)"\x08http/1.1", 9);
    if (authorities ? SSL_CTX_load_verify_locations(context, authorities, NULL) == 1
                    : tk_tls_trust_system(context) == 1)
        return context;
    SSL_CTX_free(context);
    return NULL;
}
static inline SSL *tk_tls_accepting(SSL_CTX *context, int fd) {
    SSL *ssl = SSL_new(context);
    if (!ssl) return NULL;
    if (!tk_bio_attach(ssl, fd)) {
        SSL_free(ssl);
        return NULL;
    }
    SSL_set_accept_state(ssl);
    return ssl;
}
/// Whether the certificate that the peer showed when `session` began is still good. A resumed handshake
/// shows and checks none, so a session must not outlive it.
static inline int tk_tls_peer_is_current(const SSL_SESSION *session) {
    const X509 *shown = SSL_SESSION_get0_peer((SSL_SESSION *)session);
    return shown && X509_cmp_current_time(X509_get0_notAfter(shown)) > 0;
}
/// Verifies the peer as `host`, an address if `is_address`. `session` may be NULL.
static inline SSL *tk_tls_connecting(SSL_CTX *context, int fd, const char *host, int is_address,
                                     SSL_SESSION *session) {
    SSL *ssl = SSL_new(context);
    if (!ssl) return NULL;
    SSL_set_connect_state(ssl);
    int ok = tk_bio_attach(ssl, fd);
    if (!ok) {
    } else if (is_address) {
        ok = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    } else {  // RFC 6066 section 3: no addresses in SNI.
        SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        ok = SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
    }
    if (!ok) {
        SSL_free(ssl);
        return NULL;
    }
    if (session && tk_tls_peer_is_current(session)) SSL_set_session(ssl, session);
    return ssl;
}
/// A session to resume later, with its own reference; NULL if the peer gave none.
static inline SSL_SESSION *tk_tls_session(SSL *ssl) {
    SSL_SESSION *session = SSL_get1_session(ssl);
    if (session && !SSL_SESSION_is_resumable(session)) {
        SSL_SESSION_free(session);
        return NULL;
    }
    return session;
}

// MARK: Signatures

/// RSA with SHA-256 (PKCS #1 v1.5) over `data`, with a private key in PEM. Returns the signature's length,
/// or 0 if this is not an RSA key.
static inline size_t tk_sign_rs256(const void *pem, int pem_length, const void *data, size_t length,
                                   unsigned char *signature, size_t room) {
    BIO *source = BIO_new_mem_buf(pem, pem_length);
    EVP_PKEY *key = source ? PEM_read_bio_PrivateKey(source, NULL, NULL, (void *)"") : NULL;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t written = room;
    int ok = key && context && EVP_PKEY_is_a(key, "RSA") &&
             EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
             EVP_DigestSign(context, signature, &written, (const unsigned char *)data, length) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    BIO_free(source);
    ERR_clear_error();
    return ok ? written : 0;
}

// MARK: The development CA

static inline int tk_add_extension(X509 *certificate, X509 *issuer, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    int ok = extension && X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return ok;
}
static inline EVP_PKEY *tk_new_key(void) { return EVP_EC_gen("P-256"); }
/// A certificate for `key`, signed by `issuer` with `issuer_key`, or self-signed if `issuer` is
/// NULL: then it is a CA.
static inline X509 *tk_new_certificate(EVP_PKEY *key, const char *name, long days, X509 *issuer,
                                       EVP_PKEY *issuer_key) {
    X509 *certificate = X509_new();
    if (!certificate) return NULL;
    unsigned char serial[16];
    RAND_bytes(serial, sizeof serial);
    serial[0] &= 0x7f;
    BIGNUM *number = BN_bin2bn(serial, sizeof serial, NULL);
    X509_NAME *subject = X509_get_subject_name(certificate);
    X509 *signer = issuer ? issuer : certificate;
    int ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) &&
             X509_set_version(certificate, X509_VERSION_3) &&
             // An hour earlier, because clocks differ.
             X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) &&
             X509_time_adj_ex(X509_getm_notAfter(certificate), (int)days, 0, NULL) &&
             X509_set_pubkey(certificate, key) &&
             X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                        (const unsigned char *)name, -1, -1, 0) &&
             X509_set_issuer_name(certificate, X509_get_subject_name(signer)) &&
             tk_add_extension(certificate, signer, NID_subject_key_identifier, "hash");
    if (ok && !issuer)
        ok = tk_add_extension(certificate, signer, NID_basic_constraints,
                              "critical,CA:TRUE,pathlen:0") &&
             tk_add_extension(certificate, signer, NID_key_usage,
                              "critical,keyCertSign,cRLSign") &&
             // So that a leaked key can sign for this machine only.
             tk_add_extension(certificate, signer, NID_name_constraints,
                              "critical,permitted;DNS:localhost,"
                              "permitted;IP:127.0.0.0/255.0.0.0,"
                              "permitted;IP:::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    if (ok && issuer)
        ok = tk_add_extension(certificate, signer, NID_basic_constraints, "critical,CA:FALSE") &&
             tk_add_extension(certificate, signer, NID_key_usage, "critical,digitalSignature") &&
             tk_add_extension(certificate, signer, NID_ext_key_usage, "serverAuth") &&
             tk_add_extension(certificate, signer, NID_authority_key_identifier, "keyid") &&
             tk_add_extension(certificate, signer, NID_subject_alt_name,
                              "DNS:localhost,IP:127.0.0.1,IP:::1");
    ok = ok && X509_sign(certificate, issuer ? issuer_key : key, EVP_sha256());
    BN_free(number);
    if (ok) return certificate;
    X509_free(certificate);
    return NULL;
}
/// Writes a certificate, a key, or both to a new file that has these permissions from the start.
/// Returns 0, or -errno.
static inline int tk_write_pem(const char *path, unsigned mode, X509 *certificate, EVP_PKEY *key) {
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0) return -errno;
    FILE *file = fdopen(fd, "w");
    int ok = file && fchmod(fd, mode) == 0 && (!certificate || PEM_write_X509(file, certificate)) &&
             (!key || PEM_write_PKCS8PrivateKey(file, key, NULL, NULL, 0, NULL, NULL)) &&
             fflush(file) == 0 && fsync(fd) == 0;
    int failure = errno ? errno : EIO;
    if (file)
        fclose(file);
    else
        close(fd);
    if (!ok) unlink(path);
    return ok ? 0 : -failure;
}
static inline X509 *tk_read_certificate(const char *path) {
    FILE *file = fopen(path, "re");
    X509 *certificate = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    if (file) fclose(file);
    ERR_clear_error();
    return certificate;
}
static inline EVP_PKEY *tk_read_key(const char *path) {
    FILE *file = fopen(path, "re");
    EVP_PKEY *key = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;
    if (file) fclose(file);
    ERR_clear_error();
    return key;
}
/// Whether the certificate belongs to `key`, is signed by `issuer` and valid for `days` more.
static inline int tk_certificate_serves(X509 *certificate, EVP_PKEY *key, X509 *issuer, int days) {
    EVP_PKEY *signer = X509_get0_pubkey(issuer);
    time_t until = time(NULL) + (time_t)days * 86400;
    int ok = X509_check_private_key(certificate, key) == 1 && signer &&
             X509_verify(certificate, signer) == 1 &&
             X509_cmp_time(X509_get0_notAfter(certificate), &until) > 0;
    ERR_clear_error();
    return ok;
}
