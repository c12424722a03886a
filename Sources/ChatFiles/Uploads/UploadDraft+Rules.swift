// SPDX-License-Identifier: MIT

package import ChatCore
import ChatSodium

extension UploadDraft {
    /// The upload that a client declares, if it may be.
    package func record(
        id: FileID, owner: UserID, room: RoomID, options: FileOptions, now: Timestamp
    ) throws(WireError) -> UploadRecord {
        guard bytes >= 1 else {
            throw WireError(.invalidField, "bytes must be: at least 1", field: "bytes")
        }
        guard bytes <= options.fileBytes else {
            throw WireError(
                .fileTooLarge, "a file has at most \(options.fileBytes) bytes", field: "bytes")
        }
        if let sha256, Hex.decode(sha256)?.count != 32 {
            throw WireError(
                .invalidField, "sha256 must be: 64 hexadecimal digits in lower case",
                field: "sha256")
        }
        try check(width, "width", atMost: options.pixels)
        try check(height, "height", atMost: options.pixels)
        try check(durationMilliseconds, "duration_ms", atMost: .max)
        if let preview { try check(preview, options) }
        return UploadRecord(
            file: FileDescription(
                id: id, owner: owner, room: room, name: FileName.clean(name), byteCount: bytes,
                width: width, height: height, durationMilliseconds: durationMilliseconds,
                preview: preview ?? ""),
            sha256: sha256, touchedAt: now)
    }

    private func check(_ value: Int?, _ field: String, atMost maximum: Int) throws(WireError) {
        if let value, value < 0 || value > maximum {
            throw WireError(.invalidField, "\(field) must be: 0 to \(maximum)", field: field)
        }
    }

    private func check(_ preview: String, _ options: FileOptions) throws(WireError) {
        guard preview.utf8.count <= options.previewBytes, FilePreview(preview) != nil else {
            throw WireError(
                .invalidField,
                "preview must be: a data URL of a PNG, JPEG, GIF or WebP in base64, at most "
                    + "\(options.previewBytes) bytes", field: "preview")
        }
    }
}

/// A small picture in a data URL.
package struct FilePreview: Sendable, Equatable {
    /// What its bytes say it is.
    package var mediaType: String
    /// The picture.
    package var bytes: [UInt8]

    /// Reads a data URL; `nil` if it is none, or no picture.
    package init?(_ url: String) {
        guard url.hasPrefix("data:image/"), let comma = url.firstIndex(of: ","),
            url[..<comma].hasSuffix(";base64"),
            let bytes = Base64Text.decode(url[url.index(after: comma)...])
        else { return nil }
        let type = MediaTypeSniffer.mediaType(of: bytes, isWhole: true)
        guard ["image/png", "image/jpeg", "image/gif", "image/webp"].contains(type) else {
            return nil
        }
        self.mediaType = type
        self.bytes = bytes
    }
}
