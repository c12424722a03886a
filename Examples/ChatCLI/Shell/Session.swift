// SPDX-License-Identifier: MIT

import ChatClient
import ChatCore
import ChatTerminal
import Glibc

/// Carries out what the model wants of the server, and reports what comes of it.
final class Session {
    /// One thing after the other.
    private struct Lane {
        private let jobs: AsyncStream<@Sendable () async -> Void>.Continuation

        init() {
            let (stream, jobs) = AsyncStream<@Sendable () async -> Void>.makeStream()
            self.jobs = jobs
            Task { for await job in stream { await job() } }
        }

        func add(_ job: @escaping @Sendable () async -> Void) { jobs.yield(job) }
    }

    let client: ChatClient
    private let inbox: Inbox
    private let calls = Lane()
    /// Messages of a room go in the order in which they were written.
    private var lanes: [RoomID: Lane] = [:]
    private var transfers: [Int: Task<Void, Never>] = [:]
    /// How many answers are still to come.
    private(set) var underWay = 0

    init(_ client: ChatClient, _ inbox: Inbox) {
        self.client = client
        self.inbox = inbox
    }

    /// Begins to report states and events.
    func start() {
        let (client, inbox) = (client, inbox)
        Task {
            for await state in client.states { inbox.yield(.incoming(.state(state))) }
        }
        Task {
            for await event in client.events {
                await withCheckedContinuation { inbox.yield(.event(event, $0)) }
            }
        }
    }

    /// An answer was taken.
    func settled(_ incoming: Incoming) {
        switch incoming {
        case .answer, .sent: underWay -= 1
        case .uploaded(let transfer, _), .saved(let transfer, _):
            underWay -= 1
            transfers[transfer] = nil
        case .state, .event, .progress: break
        }
    }

    /// Does what the server has to do with; returns `false` for the rest.
    func carryOut(_ effect: Effect) -> Bool {
        switch effect {
        case .call(let command, let purpose, let isRepeatable):
            ask(command, purpose, isRepeatable: isRepeatable)
        case .send(let message): send(message)
        case .upload(let transfer, let path, let room): upload(transfer, path, room)
        case .download(let transfer, let file, let room, let path):
            download(transfer, file, room, path)
        case .cancelTransfers: for task in transfers.values { task.cancel() }
        case .markRead(let seq, let room): client.markRead(seq, in: room)
        case .typed(let room): client.typed(in: room)
        case .bell, .print, .quit: return false
        }
        return true
    }

    private func ask(_ command: JSONValue, _ purpose: Purpose, isRepeatable: Bool) {
        underWay += 1
        let (client, inbox) = (client, inbox)
        calls.add {
            var result: Result<JSONValue, ChatRefusal>
            do throws(ChatRefusal) {
                result = .success(try await client.call(command, isRepeatable: isRepeatable))
            } catch {
                result = .failure(error)
            }
            inbox.yield(.incoming(.answer(purpose, result)))
        }
    }

    private func send(_ message: OutgoingMessage) {
        underWay += 1
        let (client, inbox) = (client, inbox)
        let lane = lanes[message.room] ?? Lane()
        lanes[message.room] = lane
        lane.add {
            var result: Result<SequenceNumber, ChatRefusal>
            do throws(ChatRefusal) {
                result = .success(
                    try await client.send(
                        message.text, to: message.room.description, replyTo: message.replyTo,
                        clientID: message.clientID, files: message.files))
            } catch {
                result = .failure(error)
            }
            inbox.yield(.incoming(.sent(message, result)))
        }
    }

    // MARK: Files

    private func upload(_ transfer: Int, _ path: String, _ room: RoomID) {
        underWay += 1
        let (client, inbox, path) = (client, inbox, Self.expanded(path))
        transfers[transfer] = Task {
            var result: Result<ChatFile, ChatRefusal>
            do throws(ChatRefusal) {
                result = .success(
                    try await client.upload(path, to: room.description) { progress in
                        inbox.yield(.incoming(.progress(transfer: transfer, progress)))
                    })
            } catch {
                result = .failure(error)
            }
            inbox.yield(.incoming(.uploaded(transfer: transfer, result)))
        }
    }

    private func download(_ transfer: Int, _ file: ChatFile, _ room: RoomID, _ path: String) {
        underWay += 1
        let (client, inbox, path) = (client, inbox, Self.target(Self.expanded(path), file))
        transfers[transfer] = Task {
            var result: Result<String, ChatRefusal>
            do throws(ChatRefusal) {
                try await client.download(file, in: room.description, to: path) { progress in
                    inbox.yield(.incoming(.progress(transfer: transfer, progress)))
                }
                result = .success(path)
            } catch {
                result = .failure(error)
            }
            inbox.yield(.incoming(.saved(transfer: transfer, result)))
        }
    }

    /// A `~` is the home of who runs this.
    private static func expanded(_ path: String) -> String {
        guard path == "~" || path.hasPrefix("~/"), let home = getenv("HOME") else { return path }
        return String(cString: home) + path.dropFirst()
    }

    /// In a folder a file gets the name that its sender gave it, as far as that is a name.
    private static func target(_ path: String, _ file: ChatFile) -> String {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return path }
        let name = HarmlessText.line(file.name).map { $0 == "/" ? "_" : $0 }
        let safe = String(name)
        return "\(path)/\(safe.isEmpty || safe.hasPrefix(".") ? "file" + safe : safe)"
    }
}
