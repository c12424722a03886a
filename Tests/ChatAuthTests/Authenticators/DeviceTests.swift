// SPDX-License-Identifier: MIT

import ChatCore
import ChatTesting
import Testing

struct DeviceTests {
    @Test func `devices are listed with what they call themselves, and one is signed out`()
        async throws
    {
        let world = try await InBandWorld()
        let (ana, registered) = await world.registered("ana", shard: 0)
        let (other, signedIn) = await world.loggedIn("ana", shard: 1)
        let devices = await world.ask(ana, "device.list")["devices"].elements
        let own = [registered["device"], signedIn["device"]].map(\.string)
        #expect(Set(devices.map { $0["id"].string }) == Set(own))
        #expect(devices.filter { $0["current"] == true }.map { $0["id"] } == [registered["device"]])
        #expect(devices.allSatisfy { $0["signed_in_at"].string?.isEmpty == false })
        #expect(ana.texts.allSatisfy { !$0.contains("hash") })
        let removed = await world.ask(ana, "device.remove", ["device": signedIn["device"]])
        #expect(removed.type == "ok")
        #expect(other.closeCode == .sessionRevoked)
        #expect(await world.ask(ana, "device.list")["devices"].elements.count == 1)
        let void = await world.ask(
            world.client(), "refresh", ["refresh_token": signedIn["refresh_token"]])
        #expect(void["code"] == "invalid_token")
    }

    @Test func `one's own device gets the answer before it is signed out`() async throws {
        let world = try await InBandWorld()
        let (ana, registered) = await world.registered("ana")
        let answer = await world.ask(ana, "device.remove", ["device": registered["device"]])
        #expect(answer.type == "ok")
        #expect(ana.closeCode == .loggedOut)
    }

    @Test func `nobody signs out somebody else's device`() async throws {
        let world = try await InBandWorld()
        let (ana, registered) = await world.registered("ana", shard: 0)
        let (bo, _) = await world.registered("bo1", shard: 1)
        let answer = await world.ask(bo, "device.remove", ["device": registered["device"]])
        #expect(answer.type == "ok", "as for a device that is not there")
        #expect(ana.isConnected)
        let devices = await world.ask(bo, "device.list")["devices"].elements
        #expect(devices.count == 1)
        #expect(await world.ask(ana, "device.list")["devices"].elements.count == 1)
    }

    @Test func `who has no account has no devices`() async throws {
        let world = try await InBandWorld(allowsGuests: true)
        let guest = world.client()
        await world.ask(guest, "hello", ["name": "gus"])
        #expect(await world.ask(guest, "device.list")["code"] == "no_accounts")
        let removal = await world.ask(guest, "device.remove", ["device": "d_0000000000001"])
        #expect(removal["code"] == "no_accounts")
        let wrong = await world.ask(guest, "device.remove", ["device": "mine"])
        #expect(wrong["field"] == "device")
    }
}
