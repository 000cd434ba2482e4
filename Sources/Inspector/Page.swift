import Admin
import CInspector

/// The files of the inspector's page, compiled into the program.
enum Page {
    /// By name, such as `main.js`.
    static let files: [String: [UInt8]] = {
        var files: [String: [UInt8]] = [:]
        var index = 0
        // SAFETY: constants of the program, read only; the name ends with a zero.
        while let asset = unsafe turnkeeper_inspector(index) {
            let name = unsafe String(cString: asset.pointee.name)
            files[name] = unsafe Array(
                UnsafeBufferPointer(start: asset.pointee.bytes, count: asset.pointee.size))
            index += 1
        }
        return files
    }()

    /// `name` is the path after `/ui/`; empty for the page itself.
    static func answer(_ name: String) -> Response {
        let name = name.isEmpty ? "index.html" : name
        guard let body = files[name], let type = type(of: name) else {
            return Response(
                status: 404, contentType: "application/json", headers: headers,
                body: Array(#"{"error":"the inspector has no such file"}"#.utf8))
        }
        return Response(contentType: type, headers: headers, body: body)
    }

    /// A script that is not a file.
    static func script(_ text: [UInt8]) -> Response {
        Response(contentType: "text/javascript; charset=utf-8", headers: headers, body: text)
    }

    private static func type(of name: String) -> String? {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        default: nil
        }
    }

    /// What a browser permits the page: its own scripts and styles, its own API, nothing else.
    /// Trusted types make the browser refuse to treat text as markup, so that the words of users,
    /// models and peers stay text even if the page has a bug.
    static let headers: [(name: String, value: String)] = [
        (
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
                + "require-trusted-types-for 'script'; trusted-types 'none'"
        ),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
        // The files change with the program, which the browser cannot know.
        ("Cache-Control", "no-cache"),
    ]
}
