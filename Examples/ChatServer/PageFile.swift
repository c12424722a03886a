// SPDX-License-Identifier: MIT

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One file of the page: what it is called, and its bytes in the program.
struct PageFile: Sendable {
    let name: String
    let body: [UInt8]

    init(_ name: String, _ body: [UInt8]) {
        self.name = name
        self.body = Self.lean(body, name)
    }

    /// The bytes from a folder instead; none if the file cannot be read.
    func body(in folder: String) -> [UInt8] {
        Self.lean(Self.read("\(folder)/\(name)") ?? [], name)
    }

    /// Where it is found; the page itself is at the root.
    var path: String { name == "index.html" ? "/" : "/" + name }

    var type: String {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "svg": "image/svg+xml"
        default: "text/javascript; charset=utf-8"
        }
    }

    /// Page, scripts and styles without indentation and without the comments that have lines of their own.
    ///
    /// The lines stay, so that what a browser says of line 40 is about line 40 of the file. No text of the page
    /// spans lines: `Tests/Browser` runs what is served.
    static func lean(_ body: [UInt8], _ name: String) -> [UInt8] {
        guard [".html", ".js", ".css"].contains(where: name.hasSuffix) else { return body }
        var result: [UInt8] = []
        result.reserveCapacity(body.count)
        var isComment = false
        let isStyle = name.hasSuffix(".css")
        let blanks: [UInt8] = [0x20, 0x09]
        for line in body.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let code = line.drop { blanks.contains($0) }
            isComment = isComment || code.starts(with: "/*".utf8)
            if !isComment && !code.starts(with: "//".utf8) {
                result += isStyle ? withoutBlanks(code) : Array(code)
            }
            if isComment && code.suffix(2).elementsEqual("*/".utf8) { isComment = false }
            result.append(0x0A)
        }
        result.removeLast()
        return result
    }

    /// A line of a stylesheet without the blanks after `:`, `;` and `,` and before `{`: none of them means anything
    /// there, and no text in quotes has one.
    private static func withoutBlanks(_ line: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        for (index, byte) in zip(line.indices, line) {
            let next = index + 1 < line.endIndex ? line[index + 1] : 0
            let isNeedless =
                byte == 0x20
                && (next == UInt8(ascii: "{") || ":;,".utf8.contains(result.last ?? 0))
            if !isNeedless { result.append(byte) }
        }
        return result
    }

    /// The bytes of a file on disk; `nil` if it cannot be read.
    static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return ferror(file) == 0 ? bytes : nil }
            bytes += buffer[..<count]
        }
    }
}
