// SPDX-License-Identifier: MIT

import ChatTesting
import Testing

@testable import ChatCore

@Suite struct RecencyListTests {
    @Test func `the longest unused comes first, and use makes it the last`() {
        var list = RecencyList()
        #expect(list.oldest == nil)
        let places = (1...3).map { list.insert(RoomID(rawValue: $0)) }
        #expect(list.oldest == RoomID(rawValue: 1))
        list.renew(places[0])
        list.renew(places[0])
        #expect(list.oldest == RoomID(rawValue: 2))
        list.remove(places[1])
        #expect(list.oldest == RoomID(rawValue: 3))
        list.remove(places[0])
        list.remove(places[2])
        #expect(list.oldest == nil)
        #expect(list.count == 0)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `random changes agree with an array`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var list = RecencyList()
        var model: [RoomID] = []
        var places: [RoomID: RecencyList.Place] = [:]
        for _ in 0..<3_000 {
            let room = RoomID(rawValue: UInt64.random(in: 0..<30, using: &generator))
            if let place = places[room] {
                model.removeAll { $0 == room }
                if Bool.random(using: &generator) {
                    list.renew(place)
                    model.append(room)
                } else {
                    list.remove(place)
                    places[room] = nil
                }
            } else {
                places[room] = list.insert(room)
                model.append(room)
            }
            #expect(list.oldest == model.first)
            #expect(list.count == model.count)
            #expect(places.values.allSatisfy { $0 < 30 })
        }
    }
}
