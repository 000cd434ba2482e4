import Basics
import CLinux

/// The program's output: whole lines, one system call each, unbuffered, so that a reader at the
/// other end of a pipe sees each line at once. It contains text from peers, so nothing is printed
/// that would control a terminal.
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
