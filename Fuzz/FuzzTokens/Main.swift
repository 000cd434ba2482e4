import Basics
import Wire

/// libFuzzer's entry: bytes as a request for a client token, and behind a zero byte a setup that
/// comes with it. A token that is made locks what it names, whatever the setup says.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    let cut = input.firstIndex(of: 0) ?? input.count
    let body = Array(input[..<cut])
    let message = Array(input[min(cut + 1, input.count)...])
    let request: TokenRequest
    do throws(TokenRequest.Mistake) {
        request = try TokenRequest.read(body.span)
    } catch {
        precondition(!error.description.isEmpty)
        return 0
    }
    precondition(request.uses >= 0, "nobody has less than no uses")
    for name in request.lock.mask {
        precondition(!name.isEmpty && !name.contains(","), "a mask names fields")
    }
    check(request.lock, message)
    check(SetupLock(setup: request.lock.setup), message)
    return 0
}

private func check(_ lock: SetupLock, _ message: [UInt8]) {
    guard let setup = try? Setup.read(message.span) else { return }
    guard let held = try? lock.apply(to: message.span) else {
        precondition(setup.isAmbiguous, "only what says something twice is refused")
        return
    }
    precondition(!setup.isAmbiguous, "a lock holds no message that says something twice")
    guard let again = try? Setup.read(held.span), !again.isAmbiguous else {
        fatalError("what is locked can be read")
    }
    guard !setup.value.isEmpty, !lock.isEmpty else { return }
    // Held twice is held as once.
    guard let twice = try? lock.apply(to: held.span), let thrice = try? lock.apply(to: twice.span)
    else { fatalError("what is locked can be locked") }
    precondition(twice == thrice, "locking comes to rest")
    let wrapped = Array(#"{"setup":"#.utf8) + lock.setup + [UInt8(ascii: "}")]
    if let locked = try? Setup.read(wrapped.span), !locked.model.isEmpty, lock.mask.isEmpty {
        precondition(again.model == locked.model, "the token's model holds")
    }
}
