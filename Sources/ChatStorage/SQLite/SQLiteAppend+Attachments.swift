// SPDX-License-Identifier: MIT

import ChatCore

extension SQLiteAppend {
    func insert(_ attachments: [MessageAttachment], _ room: RoomRecord) throws(StorageError) {
        let statements = statements.attachments
        for (place, attachment) in attachments.enumerated() {
            statements.insert.bind(1, room.id)
            statements.insert.bind(2, room.head)
            statements.insert.bind(3, place)
            statements.insert.bind(4, attachment.id)
            statements.insert.bind(5, attachment.name)
            statements.insert.bind(6, attachment.byteCount)
            statements.insert.bind(7, attachment.mediaType)
            statements.insert.bind(8, attachment.sha256)
            statements.insert.bind(9, optional: attachment.width.map { Int64($0) })
            statements.insert.bind(10, optional: attachment.height.map { Int64($0) })
            statements.insert.bind(
                11, optional: attachment.durationMilliseconds.map { Int64($0) })
            statements.insert.bind(12, attachment.preview)
            try statements.insert.run()
            statements.adopt.bind(1, attachment.id)
            try statements.adopt.run()
        }
    }
}

extension SQLiteWriter {
    func forgetOrphanedAttachments(_ ids: [String]) throws(StorageError) {
        try transaction { () throws(StorageError) in
            for id in ids {
                statements.attachments.adopt.bind(1, id)
                try statements.attachments.adopt.run()
            }
        }
    }
}
