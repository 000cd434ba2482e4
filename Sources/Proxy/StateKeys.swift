import Basics
import COpenSSL
import Policies

/// Keys that encrypt what is kept for other nodes: AES-256-GCM, each row under its own key, derived
/// from one of the file's, and bound to its row. The first key encrypts, all decrypt, so keys can
/// be replaced one after another while nodes run.
struct StateKeys: Sendable {
    /// Encrypted data, and the key that encrypted it.
    struct Sealed: Equatable, Sendable {
        /// The key's id; empty for data that is not encrypted.
        var key: String
        /// Base64.
        var text: String
    }

    private struct Key: Sendable {
        /// The beginning of its digest; reveals nothing about the key.
        var id: String
        var bytes: [UInt8]
        /// As written in the file.
        var word: String
    }

    /// Without any key, data is not encrypted.
    private let keys: [Key]
    /// Data that is not encrypted is opened, too.
    private let opensPlain: Bool

    static let plain = StateKeys(keys: [], opensPlain: true)

    private init(keys: [Key], opensPlain: Bool) {
        self.keys = keys
        self.opensPlain = opensPlain
    }

    /// The ids of the keys that decrypt; an empty one stands for data that is not encrypted.
    var ids: [String] { keys.map(\.id) + (opensPlain ? [""] : []) }

    /// As written in the file: they must not leave the process.
    var secrets: [String] { keys.map(\.word) }

    // MARK: The file

    /// Why a file cannot be used; quotes nothing from it.
    struct Mistake: Error, Equatable { var what: String }

    /// - Parameters:
    ///   - text: A key per line, as 64 hexadecimal digits; `#` begins a comment.
    ///   - opensPlain: Data from before there was a key is opened as well. Then every row without a
    ///     key is believed, no matter who wrote it.
    init(_ text: String, opensPlain: Bool = false) throws(Mistake) {
        var keys: [Key] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            let word = line.prefix { $0 != "#" }.filter { !$0.isWhitespace }
            if word.isEmpty { continue }
            guard let bytes = Self.bytes(word), bytes.count == 32 else {
                throw Mistake(what: "line \(index + 1) is not a key of 64 hexadecimal digits")
            }
            guard let digest = Digest.sha256(Array("turnkeeper key".utf8) + bytes) else { continue }
            let id = String(digest.hex.prefix(8))
            if !keys.contains(where: { $0.id == id }) {
                keys.append(Key(id: id, bytes: bytes, word: word))
            }
            guard keys.count <= Self.most else {
                throw Mistake(what: "it has more than \(Self.most) keys")
            }
        }
        guard !keys.isEmpty else { throw Mistake(what: "there is no key in it") }
        self.keys = keys
        self.opensPlain = opensPlain
    }

    /// The longest file, with room for comments.
    static let longestFile = 4096
    private static let most = 16

    private static func bytes(_ digits: String) -> [UInt8]? {
        let digits = Array(digits.utf8)
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for at in stride(from: 0, to: digits.count, by: 2) {
            let pair = digits[at..<at + 2]
            guard pair.allSatisfy(Self.isDigit),
                let byte = UInt8(String(decoding: pair, as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// Rejects the sign that a number may have.
    private static func isDigit(_ byte: UInt8) -> Bool {
        Character(Unicode.Scalar(byte)).isHexDigit
    }

    // MARK: Rows

    /// - Parameter row: The row's name: the data can be opened only with it.
    /// - Returns: `nil` if OpenSSL fails because it has no random numbers.
    func seal(_ bytes: [UInt8], for row: String) -> Sealed? {
        guard let key = keys.first else { return Sealed(key: "", text: Self.text(bytes)) }
        var nonce = [UInt8](repeating: 0, count: Self.nonceCount)
        // SAFETY: writes the local array during the call.
        guard unsafe RAND_bytes(&nonce, Int32(nonce.count)) == 1,
            let own = Self.derive(key.bytes, row),
            let sealed = Self.encrypt(bytes, own, nonce)
        else { return nil }
        return Sealed(key: key.id, text: Self.text(nonce + sealed))
    }

    /// - Returns: `nil` if it was sealed with another key or for another row, or was changed since.
    func open(_ sealed: Sealed, for row: String) -> [UInt8]? {
        let text = Array(sealed.text.utf8)
        guard let bytes = Base64.decode(text.span) else { return nil }
        if sealed.key.isEmpty { return opensPlain ? bytes : nil }
        guard let key = keys.first(where: { $0.id == sealed.key }),
            bytes.count >= Self.nonceCount + Self.tagCount, let own = Self.derive(key.bytes, row)
        else { return nil }
        return Self.decrypt(
            Array(bytes[Self.nonceCount...]), own, Array(bytes[..<Self.nonceCount]))
    }

    private static let nonceCount = 12
    private static let tagCount = 16

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: Base64.encode(bytes.span), as: UTF8.self)
    }

    /// The row's own key: random nonces repeat after 2³² uses of one key, which all rows of a fleet
    /// together reach within weeks.
    private static func derive(_ key: [UInt8], _ row: String) -> [UInt8]? {
        let info = Array("turnkeeper state 1 \(row)".utf8)
        var derived = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        // SAFETY: reads both arrays and writes 32 bytes, all during the call.
        let made = unsafe HMAC(
            EVP_sha256(), key, Int32(key.count), info, info.count, &derived, &count)
        guard unsafe made != nil, count == 32 else { return nil }
        return derived
    }

    // MARK: AES-256-GCM

    /// - Returns: The ciphertext, followed by the tag.
    private static func encrypt(_ bytes: [UInt8], _ key: [UInt8], _ nonce: [UInt8]) -> [UInt8]? {
        // SAFETY: the context is freed at the end; the arrays are read, and those made here written
        // within their counts, during each call.
        guard let context = unsafe EVP_CIPHER_CTX_new() else { return nil }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        var sealed = [UInt8](repeating: 0, count: bytes.count)
        var tag = [UInt8](repeating: 0, count: tagCount)
        var count: Int32 = 0
        guard
            unsafe EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            unsafe EVP_EncryptUpdate(context, &sealed, &count, bytes, Int32(bytes.count)) == 1,
            count == bytes.count,
            unsafe EVP_EncryptFinal_ex(context, &tag, &count) == 1,
            unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagCount), &tag) == 1
        else { return nil }
        return sealed + tag
    }

    private static func decrypt(_ bytes: [UInt8], _ key: [UInt8], _ nonce: [UInt8]) -> [UInt8]? {
        // SAFETY: as above.
        guard let context = unsafe EVP_CIPHER_CTX_new() else { return nil }
        defer { unsafe EVP_CIPHER_CTX_free(context) }
        let length = bytes.count - tagCount
        var tag = Array(bytes[length...])
        var opened = [UInt8](repeating: 0, count: length)
        var rest = [UInt8](repeating: 0, count: tagCount)
        var count: Int32 = 0
        guard
            unsafe EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
            unsafe EVP_DecryptUpdate(context, &opened, &count, bytes, Int32(length)) == 1,
            count == length,
            unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagCount), &tag) == 1,
            unsafe EVP_DecryptFinal_ex(context, &rest, &count) == 1
        else { return nil }
        return opened
    }
}
