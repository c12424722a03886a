// SPDX-License-Identifier: MIT

extension Post {
    /// What is wrong with a message with files; `nil` if nothing is.
    package func refusal(_ limits: Limits) -> WireError? {
        if let error = Self.refusal(ofText: text, limits) { return error }
        guard attachments.count <= limits.attachmentsPerMessage else {
            return Self.invalid("a message has at most \(limits.attachmentsPerMessage) attachments")
        }
        for attachment in attachments {
            if let error = attachment.refusal(limits) { return error }
        }
        return nil
    }

    private static func refusal(ofText text: String, _ limits: Limits) -> WireError? {
        guard text.utf8.count <= limits.textBytes,
            text.unicodeScalars.count <= limits.textScalars
        else {
            return WireError(
                .textTooLong, "a message has at most \(limits.textScalars) characters",
                field: "text")
        }
        return nil
    }

    static func invalid(_ message: String) -> WireError {
        WireError(.invalidField, message, field: "attachments")
    }
}

extension MessageAttachment {
    /// What is wrong with it; `nil` if nothing is.
    fileprivate func refusal(_ limits: Limits) -> WireError? {
        guard Self.isToken(id), id.utf8.count <= limits.attachmentIDBytes else {
            return Post.invalid(
                "an attachment's id has 1 to \(limits.attachmentIDBytes) letters, digits, - or _")
        }
        guard DisplayName.clean(name) == name, name.count <= limits.attachmentNameCharacters,
            name.utf8.count <= 4 * limits.attachmentNameCharacters
        else {
            return Post.invalid(
                "an attachment's name has 1 to \(limits.attachmentNameCharacters) visible characters"
            )
        }
        guard DisplayName.clean(mediaType) == mediaType,
            mediaType.utf8.count <= limits.mediaTypeBytes
        else {
            return Post.invalid(
                "an attachment's media type has 1 to \(limits.mediaTypeBytes) bytes")
        }
        let isHash = sha256.utf8.count == 64 && sha256.utf8.allSatisfy(Self.isHexadecimal)
        guard isHash else {
            return Post.invalid("an attachment's sha256 has 64 hexadecimal digits in lower case")
        }
        let numbers = [width, height, durationMilliseconds].compactMap(\.self)
        guard byteCount >= 0, numbers.allSatisfy({ $0 >= 0 }) else {
            return Post.invalid("an attachment's sizes are not negative")
        }
        guard preview.utf8.count <= limits.attachmentPreviewBytes else {
            return Post.invalid(
                "an attachment's preview has at most \(limits.attachmentPreviewBytes) bytes")
        }
        return nil
    }

    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        default: false
        }
    }
}
