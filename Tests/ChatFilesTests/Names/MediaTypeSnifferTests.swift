// SPDX-License-Identifier: MIT

import Testing

@testable import ChatFiles

struct MediaTypeSnifferTests {
    static let examples: [(bytes: [UInt8], type: String)] = [
        ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0], "image/png"),
        ([0xFF, 0xD8, 0xFF, 0xE0], "image/jpeg"),
        (Array("GIF89a....".utf8), "image/gif"),
        (Array("RIFF\u{1}\u{1}\u{1}\u{1}WEBPVP8 ".utf8), "image/webp"),
        ([0, 0, 0, 0x20] + Array("ftypavif".utf8), "image/avif"),
        (
            Array("BM".utf8) + [70, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0],
            "image/bmp"
        ),
        ([0, 0, 0, 0x18] + Array("ftypisom".utf8), "video/mp4"),
        ([0, 0, 0, 0x18] + Array("ftypM4A ".utf8), "audio/mp4"),
        ([0, 0, 0, 0x18] + Array("ftypheic".utf8), "application/octet-stream"),
        ([0x1A, 0x45, 0xDF, 0xA3, 0x9F, 0x42, 0x82, 0x84] + Array("webm".utf8), "video/webm"),
        (
            [0x1A, 0x45, 0xDF, 0xA3, 0x42, 0x82, 0x88] + Array("matroska".utf8),
            "application/octet-stream"
        ),
        (Array("ID3\u{3}".utf8), "audio/mpeg"),
        ([0xFF, 0xFB, 0x90, 0x64], "audio/mpeg"),
        (Array("OggS\0\u{2}........vorbis".utf8), "audio/ogg"),
        (Array("OggS\0\u{2}.......\u{80}theora".utf8), "video/ogg"),
        (Array("RIFF\u{1}\u{1}\u{1}\u{1}WAVEfmt ".utf8), "audio/wav"),
        (Array("fLaC\0".utf8), "audio/flac"),
        (Array("%PDF-1.7\n".utf8), "application/pdf"),
        ([0x50, 0x4B, 3, 4, 20], "application/zip"),
        ([0x1F, 0x8B, 8, 0], "application/gzip"),
        (Array("hello, world\n".utf8), "text/plain"),
        (Array("grüße 🦜".utf8), "text/plain"),
        (Array("<svg xmlns=\"http://www.w3.org/2000/svg\"><script>".utf8), "image/svg+xml"),
        (Array("  \n<?xml version=\"1.0\"?><!-- x --><svg>".utf8), "image/svg+xml"),
        ([0xEF, 0xBB, 0xBF] + Array("<!DOCTYPE HTML><p>".utf8), "text/html"),
        (Array("\t<ScRiPt>alert(1)</ScRiPt>".utf8), "text/html"),
        (Array("<a href=x>".utf8), "text/html"),
        (Array("<html>\0\u{1}binary".utf8), "text/html"),
        (Array("<?xml version=\"1.0\"?><feed/>".utf8), "application/xml"),
        (Array("<3 you".utf8), "text/plain"),
        (Array("a\0b".utf8), "application/octet-stream"),
        ([], "application/octet-stream"),
        ([0xFF], "application/octet-stream"),
        ([0x7F, 0x45, 0x4C, 0x46], "application/octet-stream"),
        (Array("MZ\u{90}\0".utf8), "application/octet-stream"),
        ([0xC3], "application/octet-stream"),
        // A head that says one thing and a tail that says another: the head counts, nosniff does the rest.
        (Array("GIF89a<script>alert(1)</script>".utf8), "image/gif"),
        (Array("BM is what he said".utf8), "text/plain"),
    ]

    @Test(arguments: examples)
    func `the type is found in the bytes`(example: (bytes: [UInt8], type: String)) {
        #expect(MediaTypeSniffer.mediaType(of: example.bytes, isWhole: true) == example.type)
    }

    @Test func `text may be cut inside a character where the head ends, not where the file ends`() {
        let text = Array((String(repeating: "a", count: 4_094) + "🦜🦜").utf8)
        #expect(MediaTypeSniffer.mediaType(of: text, isWhole: true) == "text/plain")
        let head = Array(text.prefix(4_096))
        #expect(MediaTypeSniffer.mediaType(of: head, isWhole: false) == "text/plain")
        #expect(MediaTypeSniffer.mediaType(of: head, isWhole: true) == "application/octet-stream")
    }

    @Test func `every prefix of every example has a type`() {
        for example in Self.examples {
            for count in 0...example.bytes.count {
                let type = MediaTypeSniffer.mediaType(
                    of: Array(example.bytes.prefix(count)), isWhole: true)
                #expect(type.contains("/"))
            }
        }
    }

    @Test func `markup is never shown, whatever it is`() {
        for type in ["image/svg+xml", "text/html", "application/xml"] {
            #expect(!MediaTypeRules.isShownInline(type))
            #expect(MediaTypeRules.contentType(type) == "application/octet-stream")
        }
        #expect(MediaTypeRules.isShownInline("image/png"))
        for type in ["application/zip", "application/gzip", "application/pdf"] {
            #expect(!MediaTypeRules.isShownInline(type))
            #expect(MediaTypeRules.contentType(type) == type)
        }
        #expect(MediaTypeRules.contentType("text/plain") == "text/plain; charset=utf-8")
        #expect(MediaTypeRules.contentType("made/up") == "application/octet-stream")
    }

    @Test(
        arguments: [
            ("image/png", ["*/*"], true), ("image/png", ["image/*"], true),
            ("image/png", ["image/png"], true), ("image/png", ["text/plain", "image/*"], true),
            ("image/png", ["image/jpeg"], false), ("image/png", ["imag/*", "image"], false),
            ("image/png", [], false),
        ] as [(String, [String], Bool)])
    func `allowed types are patterns`(type: String, allowed: [String], isAllowed: Bool) {
        #expect(MediaTypeRules.isAllowed(type, by: allowed) == isAllowed)
    }
}
