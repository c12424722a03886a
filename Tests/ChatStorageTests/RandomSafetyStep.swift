// SPDX-License-Identifier: MIT

import ChatCore

/// One call about links, passwords, audit logs or blocks, and what came of it.
enum RandomSafetyStep {
    case links(RoomID, at: Timestamp, offset: Int, limit: Int)
    case revoke(code: String, RoomID, by: UserID, at: Timestamp)
    case setPassword(String?, RoomID, by: UserID, at: Timestamp)
    case audit(RoomID, before: UInt64?, limit: Int)
    case block(UserID, by: UserID, at: Timestamp)
    case unblock(UserID, by: UserID)
    case blocks(UserID, offset: Int, limit: Int)
    case blockers(DirectPair)

    func run(on store: some ChatStore) async throws -> RandomStep.Answer {
        switch self {
        case .links(let room, let time, let offset, let limit):
            .links(try await store.links(in: room, at: time, offset: offset, limit: limit))
        case .revoke(let code, let room, let user, let time):
            .deleted(try await store.revokeLink(code, in: room, by: user, at: time))
        case .setPassword(let hash, let room, let user, let time):
            .deleted(try await store.setPassword(hash, of: room, by: user, at: time))
        case .audit(let room, let number, let limit):
            .audited(try await store.audit(in: room, before: number, limit: limit))
        case .block(let user, let blocker, let time):
            .blocked(try await store.block(user, by: blocker, at: time))
        case .unblock(let user, let blocker):
            .deleted(try await store.unblock(user, by: blocker))
        case .blocks(let user, let offset, let limit):
            .blocks(try await store.blocks(of: user, offset: offset, limit: limit))
        case .blockers(let pair): .blockers(try await store.blockers(in: pair))
        }
    }
}

extension RandomSteps {
    mutating func safety() -> RandomSafetyStep {
        clock += Int64(pick(0..<9))
        let time = Timestamp(milliseconds: clock)
        switch pick(0..<9) {
        case 0: return .links(pick(rooms), at: time, offset: pick(0..<2), limit: pick(1..<4))
        case 1: return .revoke(code: code(), pick(rooms), by: pick(users), at: time)
        case 2: return .setPassword(pick([nil, "a", "b"]), pick(rooms), by: pick(users), at: time)
        case 3:
            return .audit(
                pick(rooms), before: pick([nil, UInt64(pick(0..<12))]), limit: pick(1..<4))
        case 4...5:
            return .block(pick(users + [UserID(rawValue: 77)]), by: pick(users), at: time)
        case 6: return .unblock(pick(users), by: pick(users))
        case 7: return .blocks(pick(users), offset: pick(0..<2), limit: pick(1..<3))
        default: return .blockers(pair())
        }
    }

    mutating func pair() -> DirectPair {
        while true {
            if let pair = DirectPair(pick(users), pick(users)) { return pair }
        }
    }
}
