#pragma once
// What Swift cannot import from OpenSSL: function-like macros. Nothing else belongs here.
#include <openssl/ssl.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/pem.h>
#include <openssl/evp.h>
