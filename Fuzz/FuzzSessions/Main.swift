import Simulation

/// libFuzzer's entry: any bytes, as events of a whole session, through the machine and its checkers.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    if let failure = AnyBytes.play(input).failure {
        fatalError("\(failure.invariant): \(failure.what)")
    }
    return 0
}
