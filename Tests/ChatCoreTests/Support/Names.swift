// SPDX-License-Identifier: MIT

import ChatCore

let alice = UserID(rawValue: 1)
let bob = UserID(rawValue: 2)
let carol = UserID(rawValue: 3)
let users = [alice, bob, carol]

let session1 = SessionID(rawValue: 1)
let session2 = SessionID(rawValue: 2)
let session3 = SessionID(rawValue: 3)

let room1 = RoomID(rawValue: 1)
let room2 = RoomID(rawValue: 2)

func at(_ milliseconds: Int64) -> ChatInstant { ChatInstant(milliseconds: milliseconds) }

/// A difference between a machine and its model.
///
/// Thrown rather than expected: a small world has far too many steps for one `#expect` each, and
/// the first difference is the one worth reading.
struct Mismatch: Error, CustomStringConvertible {
    var description: String
}

func check<T: Equatable>(
    _ actual: T, _ expected: T, _ what: String, after events: @autoclosure () -> Any
) throws {
    guard actual == expected else {
        throw Mismatch(
            description: "\(what): \(actual), but the model says \(expected), after \(events())")
    }
}
