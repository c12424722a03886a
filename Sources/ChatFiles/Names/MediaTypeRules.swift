// SPDX-License-Identifier: MIT

/// What may be done with files of a type.
public enum MediaTypeRules {
    /// What browsers show themselves and cannot run script from.
    private static let shown: Set<String> = [
        "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp",
        "video/mp4", "video/webm", "video/ogg", "audio/mpeg", "audio/ogg", "audio/wav",
        "audio/flac", "audio/mp4", "text/plain",
    ]

    /// What is only saved, under its own type. PDF too: a sandbox, which every file gets, has no viewer.
    private static let saved: Set<String> = [
        "application/pdf", "application/zip", "application/gzip",
    ]

    /// Whether a browser may show it instead of saving it.
    public static func isShownInline(_ mediaType: String) -> Bool { shown.contains(mediaType) }

    /// The Content-Type to serve it with: markup is bytes, and text says its character set.
    public static func contentType(_ mediaType: String) -> String {
        if mediaType == "text/plain" { return "text/plain; charset=utf-8" }
        let isKnown = shown.contains(mediaType) || saved.contains(mediaType)
        return isKnown ? mediaType : MediaTypeSniffer.unknown
    }

    /// Whether one of `allowed` (`image/png`, `image/*`, `*/*`) is the type.
    public static func isAllowed(_ mediaType: String, by allowed: [String]) -> Bool {
        allowed.contains { pattern in
            if pattern == "*/*" || pattern == mediaType { return true }
            return pattern.hasSuffix("/*") && mediaType.hasPrefix(pattern.dropLast())
        }
    }
}
