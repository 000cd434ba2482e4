import Basics
import CLinux

/// What the program prints: whole lines, by one system call each, unbuffered, so that a reader on
/// the other end of a pipe sees a line when it is there. What peers said is in it, so nothing goes out
/// that would steer a terminal.
enum Output {
    static func result(_ line: String) { write(1, line + "\n") }
    static func error(_ line: String) { write(2, line + "\n") }

    static func mistake(_ message: String, hint: String) {
        error("turnkeeper: \(message)\nTry: \(hint)")
    }

    private static func write(_ descriptor: Int32, _ text: String) {
        var rest = Array(PlainText.escaped(text).utf8)[...]
        while !rest.isEmpty {
            // SAFETY: the slice outlives the call, which only reads it.
            let written = unsafe rest.withUnsafeBytes {
                unsafe CLinux.write(descriptor, $0.baseAddress, $0.count)
            }
            if written < 0, tk_errno() == EINTR { continue }
            if written <= 0 { return }
            rest = rest.dropFirst(written)
        }
    }
}
