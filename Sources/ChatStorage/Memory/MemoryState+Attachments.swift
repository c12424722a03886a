// SPDX-License-Identifier: MIT

import ChatCore

extension MemoryState {
    mutating func attachmentsChanged(_ entry: LogEntry, _ outcome: AppendOutcome, at place: Int) {
        guard case .stored = outcome else { return }
        for attachment in entry.change.attachments {
            attachmentUses[attachment.id, default: 0] += 1
            orphans.remove(attachment.id)
        }
        release(logs[place].takeReleased())
    }

    mutating func release(_ ids: [String]) {
        for id in ids {
            guard let uses = attachmentUses[id] else { continue }
            attachmentUses[id] = uses > 1 ? uses - 1 : nil
            if uses == 1 { orphans.insert(id) }
        }
    }

    /// In the order of their bytes.
    func orphanedAttachments(limit: Int) -> [String] {
        let sorted = orphans.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return Array(sorted.prefix(max(1, limit)))
    }

    func attachedFiles(_ ids: [String], in room: RoomID) -> Set<String> {
        let wanted = Set(ids).filter { attachmentUses[$0] != nil }
        if wanted.isEmpty { return [] }
        return wanted.intersection(log(of: room)?.attachmentIDs ?? [])
    }

    mutating func forgetOrphanedAttachments(_ ids: [String]) { orphans.subtract(ids) }
}
