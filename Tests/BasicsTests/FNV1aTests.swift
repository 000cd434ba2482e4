import Basics
import Testing

@Suite struct FNV1aTests {
    @Test("the vectors of its authors, whole and in pieces")
    func vectors() {
        #expect(FNV1a().value == 0xcbf2_9ce4_8422_2325)
        #expect(FNV1a("a").value == 0xaf63_dc4c_8601_ec8c)
        #expect(FNV1a("foobar").value == 0x8594_4171_f739_67e8)
        var hash = FNV1a("foo")
        hash.add(UInt8(ascii: "b"))
        hash = FNV1a(hash.value)
        hash.add(Array("ar".utf8))
        #expect(hash == FNV1a("foobar"))
    }
}
