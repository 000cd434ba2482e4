import Basics
import CYAML

/// One event of a YAML document, in plain values.
struct Step {
    enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd
        case alias
        case scalar(String, quoted: Bool)
        case sequenceStart, sequenceEnd
        case mappingStart, mappingEnd
    }
    var kind: Kind
    var place: Place
    var hasAnchor = false
    var hasTag = false
}

/// Owns one libyaml parser and the bytes it reads.
///
/// `init` copies the bytes, `deinit` frees both; nothing of libyaml outlives a call of `next`.
@safe struct EventStream: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    /// The same bytes, to locate what libyaml names by offset.
    private let bytes: ArraySlice<UInt8>
    private let file: String

    /// Nil if libyaml runs out of memory.
    ///
    /// - Parameter bytes: UTF-8 without a byte order mark.
    init?(_ bytes: ArraySlice<UInt8>, file: String) {
        self.file = file
        self.bytes = bytes
        // SAFETY: both allocations belong to this value alone and are freed in `deinit`, or here if
        // libyaml refuses; the parser keeps the address of `input`, which never moves.
        unsafe input = .allocate(capacity: bytes.count)
        _ = unsafe input.initialize(fromContentsOf: bytes)
        unsafe parser = .allocate(capacity: 1)
        unsafe parser.initialize(to: yaml_parser_t())
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            unsafe parser.deallocate()
            unsafe input.deallocate()
            return nil
        }
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        // SAFETY: this is the only owner; nothing else holds these addresses.
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe input.deallocate()
    }

    /// The next event; a syntax error has libyaml's message. Not to be called after an error or
    /// `streamEnd`.
    mutating func next() throws(Complaint) -> Step {
        // SAFETY: the event lives on this stack frame and is deleted before it returns; its
        // strings are copied out first. One thread: the stream is not Sendable and never shared.
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw complaint() }
        defer { unsafe yaml_event_delete(&event) }

        let mark = unsafe event.start_mark
        var step = Step(kind: .streamEnd, place: place(mark))
        switch unsafe event.type {
        case YAML_STREAM_START_EVENT: step.kind = .streamStart
        case YAML_DOCUMENT_START_EVENT: step.kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: step.kind = .documentEnd
        case YAML_ALIAS_EVENT: step.kind = .alias
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            step.kind = unsafe .scalar(
                Self.text(scalar.value, scalar.length),
                quoted: scalar.style != YAML_PLAIN_SCALAR_STYLE)
            step.hasAnchor = unsafe scalar.anchor != nil
            step.hasTag = unsafe scalar.tag != nil
        case YAML_SEQUENCE_START_EVENT:
            step.kind = .sequenceStart
            step.hasAnchor = unsafe event.data.sequence_start.anchor != nil
            step.hasTag = unsafe event.data.sequence_start.tag != nil
        case YAML_SEQUENCE_END_EVENT: step.kind = .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            step.kind = .mappingStart
            step.hasAnchor = unsafe event.data.mapping_start.anchor != nil
            step.hasTag = unsafe event.data.mapping_start.tag != nil
        case YAML_MAPPING_END_EVENT: step.kind = .mappingEnd
        // libyaml reports "no event" only after the end of the stream.
        default: step.kind = .streamEnd
        }
        return step
    }

    private static func text(_ value: UnsafeMutablePointer<yaml_char_t>?, _ length: Int) -> String {
        guard let value = unsafe value else { return "" }
        // SAFETY: libyaml guarantees `length` bytes at `value` until the event is deleted.
        return unsafe String(
            decoding: UnsafeBufferPointer(start: value, count: length), as: UTF8.self)
    }

    private func place(_ mark: yaml_mark_t) -> Place {
        Place(
            file: file, line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
    }

    /// libyaml's complaint after a failed call.
    private func complaint() -> Complaint {
        // SAFETY: the parser is ours; its messages are static strings in libyaml.
        let problem =
            unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "no reason given"
        let context = unsafe parser.pointee.context.map { unsafe String(cString: $0) }
        switch unsafe parser.pointee.error {
        case YAML_READER_ERROR:
            let offset = unsafe Int(clamping: parser.pointee.problem_offset)
            return Complaint(
                place(offset: offset),
                problem + (problem.contains("UTF-8") ? "; save the file as UTF-8" : ""))
        case YAML_MEMORY_ERROR:
            return Complaint(Place(file: file, line: 1, column: 1), "libyaml is out of memory")
        default:
            let mark = unsafe parser.pointee.problem_mark
            let index = Int(clamping: mark.index)
            let words = (context.map { "\($0): " } ?? "") + problem
            let cure =
                oddIndent(of: Int(clamping: mark.line)).map {
                    "; the line is indented with \($0): indent with spaces"
                } ?? cure(for: context, problem, character(at: index))
            return Complaint(place(mark), words + cure)
        }
    }

    /// Advice for mistakes that libyaml's message does not explain.
    private func cure(
        for context: String?, _ problem: String, _ character: UInt8?
    ) -> String {
        switch (context, character) {
        case ("while scanning an alias", _): "; put text that begins with * in quotes"
        case ("while scanning for the next token", _): "; put text that begins with it in quotes"
        case ("while parsing a block mapping", _), ("while parsing a block collection", _):
            "; indent the entries of one section alike: this line is indented unlike those above it"
        case ("while parsing a flow mapping", _), ("while parsing a flow sequence", _):
            "; a bracket before this is not closed, or text that contains a colon or # is not in quotes"
        case ("while scanning a quoted scalar", _): "; a quote before this is not closed"
        case ("while scanning a simple key", _):
            "; the line above has no colon after its key, or no space after the colon"
        case (nil, _) where problem.hasPrefix("mapping values are not allowed"):
            "; this line is indented further than its section, or two keys are on one line, or the "
                + "line above has no colon"
        case (nil, _) where problem.contains("<document start>"):
            "; the keys at the top of the file begin in one column"
        default: ""
        }
    }

    /// The first white space before a line's text that is no space; lines count from 0.
    private func oddIndent(of line: Int) -> String? {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard line < lines.count else { return nil }
        let first = String(decoding: lines[lines.startIndex + line], as: UTF8.self).unicodeScalars
            .first { $0 != " " }
        guard let first, first.properties.isWhitespace, first != "\r" else { return nil }
        return Self.name(of: first)
    }

    /// White space that looks like a space.
    static func name(of space: Unicode.Scalar) -> String {
        switch space {
        case "\t": "a tab"
        case "\u{A0}": "a no-break space (U+00A0)"
        default: "U+" + String(space.value, radix: 16, uppercase: true)
        }
    }

    /// The first byte of the character at `index`: libyaml's marks count characters.
    private func character(at index: Int) -> UInt8? {
        var seen = 0
        for byte in bytes where byte & 0xC0 != 0x80 {
            if seen == index { return byte }
            seen += 1
        }
        return nil
    }

    /// Reader errors give a byte offset, not a line.
    private func place(offset: Int) -> Place {
        var place = Place(file: file, line: 1, column: 1)
        for byte in bytes.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                place.line += 1
                place.column = 1
            } else if byte & 0xC0 != 0x80 {
                place.column += 1
            }
        }
        return place
    }
}
