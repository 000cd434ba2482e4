import WebSocket

/// libFuzzer's entry: any bytes, as a request, as a response and as a refusal's body. Each is fed
/// whole and in two pieces; both ways must end alike.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    let limits = HeadLimits(bytes: 512, firstLine: 128, fields: 8)
    let cut = input.isEmpty ? 0 : Int(input[0]) % (input.count + 1)
    checkRequest(input, limits, cut)
    checkResponse(input, limits, cut)
    checkBody(input, cut)
    return 0
}

private func checkRequest(_ input: [UInt8], _ limits: HeadLimits, _ cut: Int) {
    let whole = Result { () throws(HeadError) in
        try RequestHead.parse(input.span, limits: limits)
    }
    let pieces = Result { () throws(HeadError) in
        var scanner = HeadScanner(limits: limits)
        let early = try RequestHead.parse(
            input.span.extracting(0..<cut), resuming: &scanner)
        if let early { return early as RequestHead? }
        return try RequestHead.parse(input.span, resuming: &scanner)
    }
    precondition(whole == pieces, "request: whole and in pieces differ")
    guard case .success(let head?) = whole else { return }
    precondition(head.length <= limits.bytes && head.length <= input.count)
    precondition(head.target.first == "/" && head.headers.fields.count <= limits.fields)
    let passed = forwardable(head.headers)
    let key = "dGhlIHNhbXBsZSBub25jZQ=="
    guard let upgrade = try? Upgrade.validate(head) else { return }
    guard
        let sent = try? Upgrade.request(
            target: upgrade.target, host: "gemini.example", key: key, headers: passed,
            subprotocols: upgrade.subprotocols),
        let echoed = try? RequestHead.parse(
            sent.span, limits: HeadLimits(bytes: 4096, firstLine: 1024, fields: 32)),
        let again = try? Upgrade.validate(echoed)
    else { fatalError("what we accept and pass on must be acceptable") }
    precondition(again.target == upgrade.target && again.subprotocols == upgrade.subprotocols)
    precondition(echoed.length == sent.count, "a head must not end early")
    precondition(forwardable(echoed.headers) == passed, "fields must survive")
}

private func checkResponse(_ input: [UInt8], _ limits: HeadLimits, _ cut: Int) {
    let whole = Result { () throws(HeadError) in
        try ResponseHead.parse(input.span, limits: limits)
    }
    let pieces = Result { () throws(HeadError) in
        var scanner = HeadScanner(limits: limits)
        let early = try ResponseHead.parse(
            input.span.extracting(0..<cut), resuming: &scanner)
        if let early { return early as ResponseHead? }
        return try ResponseHead.parse(input.span, resuming: &scanner)
    }
    precondition(whole == pieces, "response: whole and in pieces differ")
    guard case .success(let head?) = whole else { return }
    precondition(head.length <= limits.bytes && head.length <= input.count)
    let answer = try? Upgrade.validate(
        head, accept: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", offered: ["a", "b"])
    guard case .refused(let status, let headers, let framing) = answer else { return }
    var body = BodyReader(framing, limit: 64)
    try? body.feed(input.span.extracting(head.length..<input.count))
    precondition(body.bytes.count <= 64)
    let shown = Refusal.response(status: status, fields: headers.fields, body: body.bytes)
    guard
        let again = try? ResponseHead.parse(
            shown.span, limits: HeadLimits(bytes: 4096, firstLine: 1024, fields: 32))
    else { fatalError("a refusal must be readable") }
    precondition(again.length + body.bytes.count == shown.count)
}

private func checkBody(_ input: [UInt8], _ cut: Int) {
    var whole = BodyReader(.chunked, limit: 100)
    var pieces = BodyReader(.chunked, limit: 100)
    let wholeFails = (try? whole.feed(input.span)) == nil
    let piecesFail =
        (try? pieces.feed(input.span.extracting(0..<cut))) == nil
        || (try? pieces.feed(input.span.extracting(cut..<input.count))) == nil
    precondition(wholeFails == piecesFail && whole.bytes == pieces.bytes)
}
