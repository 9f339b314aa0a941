-- TLS connections of a client over sockets.lua, through LuaJIT's foreign function interface to OpenSSL 3. Nothing blocks; no
-- certificate is verified.

local ffi = require("ffi")
local sockets = require("sockets")
local ssl = ffi.load("libssl.so.3")
local crypto = ffi.load("libcrypto.so.3")

ffi.cdef([[
  typedef struct ssl_st SSL;
  typedef struct ssl_ctx_st SSL_CTX;
  typedef struct ssl_session_st SSL_SESSION;
  const void *TLS_client_method(void);
  SSL_CTX *SSL_CTX_new(const void *method);
  long SSL_CTX_ctrl(SSL_CTX *context, int command, long number, const void *pointer);
  int SSL_CTX_set_cipher_list(SSL_CTX *context, const char *suites);
  int SSL_CTX_set_ciphersuites(SSL_CTX *context, const char *suites);
  int SSL_CTX_set_alpn_protos(SSL_CTX *context, const char *protocols, unsigned int bytes);
  SSL *SSL_new(SSL_CTX *context);
  void SSL_free(SSL *connection);
  int SSL_set_fd(SSL *connection, int fd);
  long SSL_ctrl(SSL *connection, int command, long number, const void *pointer);
  int SSL_set_session(SSL *connection, SSL_SESSION *session);
  SSL_SESSION *SSL_get1_session(SSL *connection);
  int SSL_SESSION_is_resumable(const SSL_SESSION *session);
  void SSL_SESSION_free(SSL_SESSION *session);
  int SSL_session_reused(const SSL *connection);
  int SSL_connect(SSL *connection);
  int SSL_read(SSL *connection, void *buffer, int bytes);
  int SSL_write(SSL *connection, const void *buffer, int bytes);
  int SSL_get_error(const SSL *connection, int result);
  void SSL_set_quiet_shutdown(SSL *connection, int quiet);
  int SSL_shutdown(SSL *connection);
  const void *SSL_get_current_cipher(const SSL *connection);
  const char *SSL_CIPHER_get_name(const void *cipher);
  void ERR_clear_error(void);
]])

local WANT_READ = 2
local X25519 = 1034 -- NID_X25519
local versions = { ["1.2"] = 0x0303, ["1.3"] = 0x0304 }

local tls = {}

local function checked(result, what)
  if result ~= 1 then error(what .. " is refused by OpenSSL") end
end

-- One version and one suite are offered, some groups, and HTTP/1.1.
function tls.context(version, suite, groups)
  local context = ssl.SSL_CTX_new(ssl.TLS_client_method())
  for _, command in ipairs({ 123, 124 }) do -- SSL_CTRL_SET_MIN_PROTO_VERSION, …MAX…
    checked(tonumber(ssl.SSL_CTX_ctrl(context, command, versions[version], nil)), "TLS " .. version)
  end
  if version == "1.3" then checked(ssl.SSL_CTX_set_ciphersuites(context, suite), suite)
  else checked(ssl.SSL_CTX_set_cipher_list(context, suite), suite) end
  checked(tonumber(ssl.SSL_CTX_ctrl(context, 92, 0, groups)), groups) -- SSL_CTRL_SET_GROUPS_LIST
  ssl.SSL_CTX_set_alpn_protos(context, "\8http/1.1", 9)
  return context
end

-- `session`: of an earlier connection, to be resumed; or nil.
function tls.open(context, fd, name, session)
  local connection = ssl.SSL_new(context)
  ssl.SSL_set_fd(connection, fd)
  ssl.SSL_ctrl(connection, 55, 0, name) -- SSL_CTRL_SET_TLSEXT_HOSTNAME, of type 0: a host
  if session then checked(ssl.SSL_set_session(connection, session), "the session") end
  return connection
end

-- What a call of OpenSSL came to: "done" with what it returned, "wait" for bytes, or "over", which is how a connection ends.
local function outcome(connection, result)
  if result > 0 then return "done", result end
  return ssl.SSL_get_error(connection, result) == WANT_READ and "wait" or "over"
end

function tls.handshake(connection)
  crypto.ERR_clear_error()
  return outcome(connection, ssl.SSL_connect(connection))
end

function tls.send(connection, text)
  crypto.ERR_clear_error()
  return outcome(connection, ssl.SSL_write(connection, text, #text))
end

-- The bytes are in `sockets.buffer` then.
function tls.receive(connection)
  crypto.ERR_clear_error()
  return outcome(connection, ssl.SSL_read(connection, sockets.buffer, sockets.buffer_bytes))
end

function tls.resumed(connection) return ssl.SSL_session_reused(connection) == 1 end

-- Whether it has this suite, and keys from X25519 where keys were exchanged, which resuming TLS 1.2 does without.
function tls.agreed(connection, suite)
  local group = tonumber(ssl.SSL_ctrl(connection, 134, 0, nil)) -- SSL_CTRL_GET_NEGOTIATED_GROUP
  local cipher = ffi.string(ssl.SSL_CIPHER_get_name(ssl.SSL_get_current_cipher(connection)))
  return cipher == suite and (group == X25519 or group == 0)
end

-- The session of the last ticket that came, or `before` where none did. In TLS 1.3 tickets come behind the handshake.
function tls.session(connection, before)
  local session = ssl.SSL_get1_session(connection)
  if session == nil then return before end
  if ssl.SSL_SESSION_is_resumable(session) ~= 1 then
    ssl.SSL_SESSION_free(session)
    return before
  end
  if before then ssl.SSL_SESSION_free(before) end
  return session
end

-- Without a word to the other side, which has ended it already. OpenSSL forgets sessions of connections that end without this.
function tls.free(connection)
  ssl.SSL_set_quiet_shutdown(connection, 1)
  ssl.SSL_shutdown(connection)
  ssl.SSL_free(connection)
end

return tls
