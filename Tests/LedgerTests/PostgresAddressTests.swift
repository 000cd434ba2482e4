import Testing

@testable import Ledger

@Suite("Addresses of PostgreSQL")
struct PostgresAddressTests {
    @Test("whose server is not on this machine must prove itself")
    func verified() throws {
        for (text, isLocal) in [
            ("postgres://u@127.0.0.1:5432/d", true), ("postgres://localhost/d", true),
            ("postgres://[::1]:5432/d", true), ("postgresql:///d", true),
            ("postgres://%2Fvar%2Frun/d", true), ("postgres:///d?host=/run/postgresql", true),
            ("postgres://db.example/d", false), ("postgres://127.0.0.1.example/d", false),
            ("postgres://127.0.0.1,db/d", false), ("postgres:///d?host=db", false),
            ("postgres://localhost/d?hostaddr=192.0.2.1", false),
            ("postgres://u@10.0.0.1/d", false), ("postgres://[2001:db8::1]/d", false),
            ("postgres:///d?h%6Fst=db", false), ("postgres:///d?host=%2Frun%2Fpostgresql", true),
        ] {
            let address = try PostgresAddress(text)
            let mode = address.parameters(password: nil).first { $0.name == "sslmode" }?.value
            #expect(address.isLocal == isLocal, "\(text)")
            #expect(mode == (isLocal ? nil : "verify-full"), "\(text)")
        }
    }

    @Test("what they leave out is in the environment, or in a service's file")
    func leftOut() throws {
        for (text, name, value, isLocal) in [
            ("postgres:///d", "PGHOST", "db.example", false),
            ("postgres:///d", "PGHOST", "/run", true),
            ("postgres://localhost/d", "PGHOST", "db.example", true),
            ("postgres://localhost/d", "PGHOSTADDR", "192.0.2.1", false),
            ("postgres://localhost/d", "PGSERVICE", "books", false),
        ] {
            let address = try PostgresAddress(text) { $0 == name ? value : nil }
            #expect(address.isLocal == isLocal, "\(text) with \(name)")
        }
        #expect(try !PostgresAddress("postgres:///d?service=books").isLocal)
        #expect(try PostgresAddress("postgres:///d?service=books").usesService)
    }

    @Test("what they say themselves counts more")
    func chosen() throws {
        let address = try PostgresAddress("postgres://db/d?sslmode=verify-ca&sslrootcert=ca.pem")
        #expect(!address.parameters(password: nil).contains { $0.name == "sslmode" })
        #expect("\(address)" == "postgres://db/d")
    }

    @Test("are refused with a password, which is not repeated")
    func passwords() {
        for text in [
            "postgres://u:hunter2@db/d", "postgres://db/d?password=hunter2",
            "postgres://db/d?p%61ssword=hunter2", "postgres://db/d?sslpassword=hunter2",
            "postgres://u@db/d password=hunter2", "postgres://db/?dbname=a%20password%3Dhunter2",
            "postgres://db/d?a=b&password=hunter2", "postgres://u:hunter2@127.0.0.1/d",
        ] {
            do throws(LedgerError) {
                _ = try PostgresAddress(text)
                Issue.record("\(text) was taken")
            } catch {
                #expect(error.description.contains("--ledger-password-file"))
                #expect(!error.description.contains("hunter2"))
            }
        }
    }

    @Test("of a service leave everything to its file")
    func services() throws {
        let names = try PostgresAddress("service=books").parameters(password: nil).map(\.name)
        #expect(!names.contains("sslmode"))
        #expect(throws: LedgerError.self) { try PostgresAddress("service=") }
        #expect(throws: LedgerError.self) { try PostgresAddress("service=a host=b") }
        #expect(!PostgresAddress.isMeant(by: "sqlite"))
    }

    @Test("zeros leave JSON, and what only looks like one stays")
    func zeros() {
        #expect(Cargo.withoutZeros(#"["a\u0000b","\\u0000"]"#) == #"["a\ufffdb","\\u0000"]"#)
        #expect(Cargo.withoutZeros(#"["\\\u0000"]"#) == #"["\\\ufffd"]"#)
        #expect(Cargo.withoutZeros(#"["\""]"#) == #"["\""]"#)
    }
}
