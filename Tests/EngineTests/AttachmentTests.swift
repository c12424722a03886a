// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

/// Messages with files, posted by the embedding service.
@Suite struct AttachmentTests {
    private static let picture = MessageAttachment(
        id: "a1", name: "tea.png", byteCount: 5, mediaType: "image/png",
        sha256: String(repeating: "0", count: 64), width: 3, height: 2)

    @Test(arguments: [1, 3])
    func `a file posted by the service is in the event, the history and the log`(
        _ shards: Int
    ) async throws {
        let world = try await LoopbackWorld(shards: shards)
        let clients = world.guests("ana", "bo")
        let room = try #require(RoomID(clients[0].general))
        let ana = UserReference(id: try #require(UserID(clients[0].userID)), name: "ana")
        func post(_ attachments: [MessageAttachment]) async -> Result<SequenceNumber, WireError> {
            await world.call { engine in
                do throws(WireError) {
                    let seq = try await engine.post(
                        "", in: room, as: ana, clientID: "k", attachments: attachments)
                    return .success(seq)
                } catch {
                    return .failure(error)
                }
            }
        }
        clients[0].ask("typing", ["room": "general"])
        let seq = try await post([Self.picture]).get()
        #expect(try await post([Self.picture]).get() == seq)
        var other = Self.picture
        other.name = "other.png"
        guard case .failure(let reused) = await post([other]) else {
            Issue.record("another file under the same client id was posted")
            return
        }
        #expect(reused.code == .clientIDReused)
        other.id = "../etc"
        guard case .failure(let invalid) = await post([other]) else {
            Issue.record("a wrong id was taken")
            return
        }
        #expect(invalid.field == "attachments")

        let file: JSONValue = [
            "id": "a1", "name": "tea.png", "bytes": 5, "media_type": "image/png",
            "sha256": .string(String(repeating: "0", count: 64)), "width": 3, "height": 2,
        ]
        let bo = clients[1]
        #expect(bo.events("message").map { $0["attachments"] } == [[file]])
        #expect(bo.events("message").map { $0["text"] } == [""])
        #expect(bo.events("typing").last?["users"].elements.isEmpty ?? false)
        let history = bo.ask("history", ["room": "general"])["messages"].elements
        #expect(history.map { $0["attachments"] } == [[file]])
        let late = world.guest("cy", resume: ["general": 0])
        #expect(late.events("message").map { $0["attachments"] } == [[file]])
        let place = JSONValue.integer(Int64(seq.rawValue))
        bo.ask("delete", ["room": "general", "target": place])
        clients[0].ask("delete", ["room": "general", "target": place])
        let after = bo.ask("history", ["room": "general"])["messages"].elements
        #expect(after.map { $0["attachments"] } == [.null])
        #expect(try await world.store.orphanedAttachments(limit: 5) == ["a1"])
    }

    private struct Shouting: ChatPolicy {
        func rewrite(
            _ text: String, by user: UserReference, in room: RoomRecord
        ) -> Result<String, WireError> { .success(text.uppercased()) }
    }

    @Test func `a policy rewrites the text and leaves the files`() async throws {
        let world = try await LoopbackWorld { $0.policy = Shouting() }
        let client = world.guest("ana")
        let room = try #require(RoomID(client.general))
        let ana = UserReference(id: try #require(UserID(client.userID)), name: "ana")
        _ = await world.call { engine in
            try? await engine.post("look", in: room, as: ana, attachments: [Self.picture])
        }
        #expect(client.events("message").map { $0["text"] } == ["LOOK"])
        #expect(client.events("message").first?["attachments"][0]["id"] == "a1")
    }

    @Test func `a message without files says nothing of them`() async throws {
        let world = try await LoopbackWorld()
        let ana = world.guest("ana")
        ana.say("plain")
        #expect(!ana.texts.contains { $0.contains("attachments") })
    }
}
