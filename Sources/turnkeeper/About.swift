import CLibwebsockets
import COpenSSL
import CSQLite
import CYAML
import Manual
import Proxy

// Help, man page, completions and version.
extension Commands {
    static func help(_ arguments: Arguments) throws(Arguments.Mistake) -> Int32 {
        guard let name = arguments.operands.first else {
            Output.result(HelpText.overview)
            return 0
        }
        Output.result(HelpText.explaining(try Commands.described(name)))
        return 0
    }

    static func manual(_ arguments: Arguments) throws(Arguments.Mistake) -> Int32 {
        Output.result(ManPage.text(version: Version.text))
        return 0
    }

    static func completions(_ arguments: Arguments) throws(Arguments.Mistake) -> Int32 {
        let name = arguments.operands.first ?? ""
        guard arguments.operands.count == 1, let shell = Completions(rawValue: name) else {
            throw Arguments.Mistake(
                message: "completions exist for bash, zsh and fish, not \"\(name)\"",
                hint: "turnkeeper completions bash")
        }
        Output.result(shell.script)
        return 0
    }

    /// With the versions of the loaded libraries, which may differ from those at build time.
    static func version(_ arguments: Arguments) throws(Arguments.Mistake) -> Int32 {
        // SAFETY: constants of the libraries, each a C string; lws's begins with its version.
        let openSSL = unsafe String(cString: OpenSSL_version(OPENSSL_VERSION_STRING))
        let libwebsockets = unsafe String(cString: lws_get_library_version())
        let sqlite = unsafe String(cString: sqlite3_libversion())
        let yaml = unsafe String(cString: yaml_get_version_string())
        Output.result(
            "turnkeeper \(Version.text) (OpenSSL \(openSSL), libwebsockets "
                + "\(libwebsockets.prefix { $0 != "-" }), SQLite \(sqlite), libyaml \(yaml))")
        return 0
    }
}
