// SPDX-License-Identifier: MIT

import ChatCore

extension Benchmark {
    static let states = [
        Benchmark("typing", "one of ten users starts to type and stops") {
            var typing = ChatMachines().typing(TypingTimings(), Limits())
            for user in 1..<10 {
                _ = typing.start(
                    UserID(rawValue: UInt64(user)),
                    session: SessionID(shard: 0, number: UInt64(user)),
                    now: .zero)
            }
            return { iterations in
                for _ in 0..<iterations {
                    let user = Samples.user.id
                    guard typing.start(user, session: Samples.session, now: .zero) == .changed,
                        typing.nextDeadline != nil, typing.stop(user, now: .zero) == .changed
                    else { Main.fail("typing has changed nothing") }
                }
            }
        },
        Benchmark("presence", "one of a thousand users connects, is away and is gone") {
            var presence = ChatMachines().presence(PresenceTimings())
            var number: UInt64 = 1
            for user in 1...1_000 {
                number += 1
                _ = presence.connect(
                    UserID(rawValue: UInt64(user)), session: SessionID(shard: 0, number: number),
                    now: .zero)
            }
            return { iterations in
                for _ in 0..<iterations {
                    number += 1
                    let (user, session) = (Samples.user.id, SessionID(shard: 0, number: number))
                    guard presence.connect(user, session: session, now: .zero) != nil,
                        presence.setActivity(user, session: session, isIdle: true, now: .zero)
                            != nil,
                        presence.disconnect(user, session: session, isExplicit: true, now: .zero)
                            != nil
                    else { Main.fail("presence has changed nothing") }
                }
            }
        },
        Benchmark("receipts", "one of ten members reads on: asked, applied, told") {
            var receipts = ChatMachines().receipts(0)
            for member in Samples.members(10) {
                receipts.addMember(member.user, delivered: .none, read: .none)
            }
            var seq = SequenceNumber.none
            return { iterations in
                for _ in 0..<iterations {
                    seq = seq.next
                    let user = Samples.user.id
                    guard
                        case .advance(let delivered, let read) = receipts.propose(
                            user, delivered: nil, read: seq, head: seq),
                        receipts.commit(user, delivered: delivered, read: read),
                        receipts.takeChanges(now: .zero).count == 1
                    else { Main.fail("a receipt has changed nothing") }
                }
            }
        },
        Benchmark(
            "outbound-queue", "a payload waits behind nine others and is written in two parts"
        ) {
            var queue = OutboundQueue<Int>()
            for number in 0..<9 { _ = queue.offer(number, bytes: 100, lane: .log) }
            return { iterations in
                for number in 0..<iterations {
                    guard queue.offer(number, bytes: 100, lane: .log) == .queued,
                        queue.consume(40) == 0, queue.consume(60) == 1
                    else { Main.fail("a payload was not queued") }
                }
            }
        },
        Benchmark("deadline-table", "one of a thousand deadlines is moved to the end") {
            var table = DeadlineTable<SessionID>()
            for number in 0..<1_000 {
                table.set(
                    SessionID(shard: 0, number: UInt64(number)),
                    to: ChatInstant(milliseconds: Int64(number)))
            }
            var time: Int64 = 1_000
            return { iterations in
                for _ in 0..<iterations {
                    table.set(
                        SessionID(shard: 0, number: UInt64(time % 1_000)),
                        to: ChatInstant(milliseconds: time))
                    time += 1
                }
            }
        },
    ]
}
