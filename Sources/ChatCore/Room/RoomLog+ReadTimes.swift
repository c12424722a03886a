// SPDX-License-Identifier: MIT

// When members read what: see ``ReadTimeStore``.
extension RoomLog {
    /// Notes an advance of a member's read mark.
    mutating func noteRead(
        _ user: UserID, from previous: SequenceNumber, to seq: SequenceNumber, at: Timestamp
    ) {
        readTimes[user, default: []].append(ReadTime(previous: previous, seq: seq, at: at))
    }

    /// See ``ReadTimeStore/readTimes(of:in:)``. O(members · log times).
    package func readTimes(of seq: SequenceNumber) -> [UserID: Timestamp] {
        readTimes.compactMapValues { times in
            let place = times.partitionIndex { $0.seq >= seq }
            guard place < times.count, times[place].previous < seq else { return nil }
            return times[place].at
        }
    }

    /// See ``ReadTimeStore/readTimes(by:in:after:limit:)``.
    package func readTimes(
        by user: UserID, after seq: SequenceNumber, limit: Int
    ) -> [ReadTime] {
        let times = readTimes[user] ?? []
        return Array(times[times.partitionIndex { $0.seq > seq }...].prefix(max(1, limit)))
    }

    /// Removes times that are older than `time`, `limit` at most. O(times).
    ///
    /// - Returns: how many.
    package mutating func removeReadTimes(before time: Timestamp, limit: Int) -> Int {
        var removed = 0
        for user in Array(readTimes.keys) where removed < limit {
            removeReadTimes(of: user) { read in
                guard read.at < time, removed < limit else { return false }
                removed += 1
                return true
            }
        }
        return removed
    }

    /// Removes the times that are only about events up to `end`. O(times).
    mutating func removeReadTimes(through end: SequenceNumber) {
        for user in Array(readTimes.keys) { removeReadTimes(of: user) { $0.seq <= end } }
    }

    private mutating func removeReadTimes(of user: UserID, where isGone: (ReadTime) -> Bool) {
        readTimes[user]?.removeAll(where: isGone)
        if readTimes[user]?.isEmpty == true { readTimes[user] = nil }
    }
}

extension [ReadTime] {
    /// Where the first element is for which `isBehind` is true; it is for all after it. O(log count).
    fileprivate func partitionIndex(where isBehind: (ReadTime) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
