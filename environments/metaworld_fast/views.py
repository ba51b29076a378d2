"""The places of a simulation that every step reads or writes, looked up once."""

from __future__ import annotations

import mujoco
import numpy as np
import numpy.typing as npt

_Row = npt.NDArray[np.float64]


class SimulationViews:
    """Views into the memory of an `MjData`, which stays where it is as long as the data lives.

    Attributes:
        mocap_pos: Position of the body that pulls the hand (m), [3].
        mocap_quat: Its orientation, [4].
        control: Controls of the fingers' actuators, [2].
        hand, right_claw, left_claw: Positions of bodies (m), [3].
        right_finger, left_finger: Positions of the fingertips' sites (m), [3].
        pads: Ids of the geoms of the left and of the right finger's pad.
    """

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData) -> None:
        """Look everything up.

        Raises:
            ValueError: The model has not the one mocap body and two actuators of a Sawyer.
        """
        if model.nmocap != 1 or model.nu != 2:
            raise ValueError(
                f"expected 1 mocap body and 2 actuators, got {model.nmocap} and {model.nu}"
            )
        self._data = data
        self._bodies: dict[str, _Row] = {}
        self._sites: dict[str, _Row] = {}
        self.mocap_pos: _Row = data.mocap_pos[0]
        self.mocap_quat: _Row = data.mocap_quat[0]
        self.control: _Row = data.ctrl
        self.hand = self.body("hand")
        self.right_claw = self.body("rightclaw")
        self.left_claw = self.body("leftclaw")
        self.right_finger = self.site("rightEndEffector")
        self.left_finger = self.site("leftEndEffector")
        self.pads = (data.geom("leftpad_geom").id, data.geom("rightpad_geom").id)

    def body(self, name: str) -> _Row:
        """Return the body's position (m), [3].

        Raises:
            KeyError: There is no such body.
        """
        row = self._bodies.get(name)
        if row is None:
            row = self._bodies[name] = self._data.xpos[self._data.body(name).id]
        return row

    def site(self, name: str) -> _Row:
        """Return the site's position (m), [3].

        Raises:
            KeyError: There is no such site.
        """
        row = self._sites.get(name)
        if row is None:
            row = self._sites[name] = self._data.site_xpos[self._data.site(name).id]
        return row
