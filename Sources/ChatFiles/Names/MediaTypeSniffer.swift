// SPDX-License-Identifier: MIT

/// Finds out from the first bytes what a file is. What the client calls it is not asked.
public enum MediaTypeSniffer {
    /// How many bytes from the start are looked at, at most.
    public static let headBytes = 4_096

    /// What something is of which nothing else is known.
    public static let unknown = "application/octet-stream"

    /// The media type of what begins with `head`.
    ///
    /// - Parameters:
    ///   - head: the first bytes of the file.
    ///   - isWhole: whether that is all of it: else a character may be cut at the end.
    /// - Complexity: O(bytes of `head`), at most ``headBytes``.
    public static func mediaType(of head: [UInt8], isWhole: Bool) -> String {
        let bytes = Array(head.prefix(headBytes))
        if let type = signature(bytes) { return type }
        return text(bytes, isWhole: isWhole && head.count <= headBytes) ?? unknown
    }

    // MARK: Signatures

    private static let signatures: [(offset: Int, bytes: [UInt8], type: String)] = [
        (0, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "image/png"),
        (0, [0xFF, 0xD8, 0xFF], "image/jpeg"),
        (0, Array("GIF87a".utf8), "image/gif"),
        (0, Array("GIF89a".utf8), "image/gif"),
        (0, Array("%PDF-".utf8), "application/pdf"),
        (0, Array("fLaC".utf8), "audio/flac"),
        (0, Array("ID3".utf8), "audio/mpeg"),
        (0, [0x50, 0x4B, 0x03, 0x04], "application/zip"),
        (0, [0x50, 0x4B, 0x05, 0x06], "application/zip"),
        (0, [0x1F, 0x8B, 0x08], "application/gzip"),
    ]

    private static func signature(_ bytes: [UInt8]) -> String? {
        for known in signatures where has(known.bytes, at: known.offset, in: bytes) {
            return known.type
        }
        if has("RIFF", at: 0, in: bytes) {
            if has("WEBP", at: 8, in: bytes) { return "image/webp" }
            if has("WAVE", at: 8, in: bytes) { return "audio/wav" }
        }
        if has("ftyp", at: 4, in: bytes), bytes.count >= 12 { return container(bytes) }
        if has([0x1A, 0x45, 0xDF, 0xA3], at: 0, in: bytes) {
            return contains("webm", in: bytes.prefix(64)) ? "video/webm" : unknown
        }
        if has("OggS", at: 0, in: bytes) {
            return contains("theora", in: bytes.prefix(128)) ? "video/ogg" : "audio/ogg"
        }
        if isBitmap(bytes) { return "image/bmp" }
        return isMP3Frame(bytes) ? "audio/mpeg" : nil
    }

    /// The ISO base media formats tell themselves apart by their brand.
    private static func container(_ bytes: [UInt8]) -> String {
        switch String(decoding: bytes[8..<12], as: UTF8.self) {
        case "avif", "avis": "image/avif"
        case "M4A ", "M4B ": "audio/mp4"
        case "heic", "heix", "mif1", "qt  ": unknown
        default: "video/mp4"
        }
    }

    /// `BM`, a reserved field of zeros and the size of a header that exists.
    private static func isBitmap(_ bytes: [UInt8]) -> Bool {
        has("BM", at: 0, in: bytes) && bytes.count >= 18 && has([0, 0, 0, 0], at: 6, in: bytes)
            && [12, 40, 52, 56, 108, 124].contains(bytes[14]) && has([0, 0, 0], at: 15, in: bytes)
    }

    /// The header of an MPEG audio frame, layer III, with values that mean something.
    private static func isMP3Frame(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 4, bytes[0] == 0xFF, bytes[1] & 0xE6 == 0xE2, bytes[1] & 0x18 != 0x08
        else { return false }
        return bytes[2] >> 4 != 0 && bytes[2] >> 4 != 15 && bytes[2] >> 2 & 3 != 3
    }

    private static func has(_ wanted: [UInt8], at offset: Int, in bytes: [UInt8]) -> Bool {
        bytes.count >= offset + wanted.count && bytes[offset...].starts(with: wanted)
    }

    private static func has(_ wanted: String, at offset: Int, in bytes: [UInt8]) -> Bool {
        has(Array(wanted.utf8), at: offset, in: bytes)
    }

    private static func contains(_ wanted: String, in bytes: ArraySlice<UInt8>) -> Bool {
        let wanted = Array(wanted.utf8)
        return bytes.indices.contains { bytes[$0...].starts(with: wanted) }
    }

    // MARK: Text

    /// Markup that a browser would run, or text that it would show; `nil` if it is no text.
    private static func text(_ bytes: [UInt8], isWhole: Bool) -> String? {
        guard !bytes.isEmpty else { return nil }
        // Markup first, even if what follows is no text: whoever sniffs would still run it.
        if let markup = markup(bytes) { return markup }
        let isText = bytes.allSatisfy { byte in
            byte >= 0x20 ? byte != 0x7F : [0x09, 0x0A, 0x0C, 0x0D, 0x1B].contains(byte)
        }
        guard isText, isUTF8(bytes, isWhole: isWhole) else { return nil }
        return "text/plain"
    }

    private static func isUTF8(_ bytes: [UInt8], isWhole: Bool) -> Bool {
        // A character that is cut at the end of the head is no fault.
        for cut in 0...(isWhole ? 0 : 3) where cut <= bytes.count {
            if String(validating: bytes.dropLast(cut), as: UTF8.self) != nil { return true }
        }
        return false
    }

    /// HTML, SVG or XML: by a tag anywhere in the head, as the most suspicious browser would look.
    private static func markup(_ bytes: [UInt8]) -> String? {
        var start = 0
        if has([0xEF, 0xBB, 0xBF], at: 0, in: bytes) { start = 3 }
        while start < bytes.count, [0x09, 0x0A, 0x0C, 0x0D, 0x20].contains(bytes[start]) {
            start += 1
        }
        guard start < bytes.count, bytes[start] == UInt8(ascii: "<") else { return nil }
        let lower = bytes[start...].map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        let text = String(decoding: lower, as: UTF8.self)
        if text.contains("<svg") { return "image/svg+xml" }
        if htmlTags.contains(where: text.contains) { return "text/html" }
        return text.hasPrefix("<?xml") || text.contains("xmlns") ? "application/xml" : nil
    }

    private static let htmlTags = [
        "<!doctype html", "<html", "<head", "<body", "<script", "<iframe", "<object", "<embed",
        "<img", "<link", "<meta", "<style", "<title", "<table", "<div", "<font", "<br", "<a ",
        "<b>", "<h1", "<p>", "<!--", "<form", "<base", "<math", "<video", "<audio",
    ]
}
