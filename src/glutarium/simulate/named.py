"""Arrays with named dimensions: what the program itself asks of a result, without the time to load xarray.

:class:`NamedArrays` answers as :class:`xarray.Dataset` does in the few ways that reading a result takes
(``data["value"].transpose("arm", "member").sel(arm="vehicle").values``), so that those who read take either.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import xarray as xr

__all__ = ["AnyData", "Data", "HasDataset", "Named", "NamedArrays", "plain"]

Plain = np.ndarray[Any, Any]
Data = TypeVar("Data", "xr.Dataset", "NamedArrays")
"""What holds a result: the one or the other."""
AnyData: TypeAlias = "xr.Dataset | NamedArrays"
"""Either of them."""


@dataclass(frozen=True, eq=False)
class Named:
    """One array.

    Attributes
    ----------
    dims
        Name of every dimension.
    values
        The array.
    attrs
        Metadata.
    labels
        Dimension → what stands along it, where that has a name.
    """

    dims: tuple[str, ...]
    values: Plain
    attrs: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, Plain] = field(default_factory=dict)

    @property
    def shape(self) -> tuple[int, ...]:
        """Size of every dimension."""
        return tuple(self.values.shape)

    def __getitem__(self, dimension: str) -> Named:
        """What stands along a dimension."""
        return Named((dimension,), self.labels[dimension])

    def transpose(self, *dims: str) -> Named:
        """The same with the dimensions in another order.

        Raises
        ------
        ValueError
            If these are not its dimensions.
        """
        order = [self.dims.index(d) for d in dims]
        return Named(dims, self.values.transpose(order), self.attrs, self.labels)

    def sel(self, at: Mapping[str, object] | None = None, **more: object) -> Named:
        """What stands at one label of some dimensions, without these dimensions.

        Raises
        ------
        KeyError
            If nothing is called so.
        """
        found = self
        for dimension, label in {**(at or {}), **more}.items():
            places = np.flatnonzero(self.labels[dimension] == label)
            if len(places) != 1:
                message = f"nothing along {dimension} is called {label!r}"
                raise KeyError(message)
            axis = found.dims.index(dimension)
            dims = (*found.dims[:axis], *found.dims[axis + 1 :])
            values = found.values.take(int(places[0]), axis=axis)
            found = Named(dims, values, found.attrs, found.labels)
        return found


class NamedArrays:
    """Arrays that share dimensions, some of them what stands along these.

    Parameters
    ----------
    variables
        Name → dimensions, array and, where there is any, metadata.
    coords
        The same for what stands along dimensions; a list alone stands along the dimension of its name.
    attrs
        Metadata of the whole.

    Raises
    ------
    ValueError
        If arrays differ in the size of a dimension.
    """

    def __init__(
        self,
        variables: Mapping[str, Sequence[Any]],
        coords: Mapping[str, Any],
        attrs: Mapping[str, Any],
    ) -> None:
        self._coords = {name: _variable(name, given) for name, given in coords.items()}
        self._variables = {name: _variable(name, given) for name, given in variables.items()}
        self.attrs = dict(attrs)
        self._refuse_odd_sizes()

    @classmethod
    def of(cls, dataset: xr.Dataset) -> NamedArrays:
        """The arrays of a dataset."""

        def plain(held: xr.DataArray) -> tuple[tuple[str, ...], Plain, dict[str, Any]]:
            return tuple(str(d) for d in held.dims), held.values, dict(held.attrs)

        return cls(
            {str(n): plain(v) for n, v in dataset.data_vars.items()},
            {str(n): plain(v) for n, v in dataset.coords.items()},
            {str(k): v for k, v in dataset.attrs.items()},
        )

    def __contains__(self, name: object) -> bool:
        return name in self._variables or name in self._coords

    def __iter__(self) -> Iterator[str]:
        """Names of the variables."""
        return iter(self._variables)

    def __getitem__(self, name: str) -> Named:
        dims, values, attrs = (self._coords if name in self._coords else self._variables)[name]
        labels = {d: self._coords[d][1] for d in dims if d in self._coords}
        return Named(dims, values, attrs, labels)

    @property
    def coords(self) -> Mapping[str, tuple[tuple[str, ...], Plain, Mapping[str, Any]]]:
        """What stands along dimensions, by name."""
        return self._coords

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(v[1].nbytes for v in (*self._coords.values(), *self._variables.values()))

    def assign(self, **variables: Sequence[Any]) -> NamedArrays:
        """The same with more variables."""
        return NamedArrays(self._variables | variables, self._coords, self.attrs)

    def assign_coords(
        self, coords: Mapping[str, Any] | None = None, **more: Sequence[Any] | Plain
    ) -> NamedArrays:
        """The same with more that stands along dimensions."""
        return NamedArrays(self._variables, {**self._coords, **(coords or {}), **more}, self.attrs)

    def to_xarray(self) -> xr.Dataset:
        """The same as a dataset."""
        import xarray as xr  # noqa: PLC0415 - takes a third of a second with pandas

        return xr.Dataset(self._variables, self._coords, self.attrs)

    def _refuse_odd_sizes(self) -> None:
        sizes: dict[str, int] = {}
        for name, (dims, values, _) in (*self._coords.items(), *self._variables.items()):
            if len(dims) != values.ndim:
                message = f"{name} has {values.ndim} dimensions, not {', '.join(dims)}"
                raise ValueError(message)
            for dim, size in zip(dims, values.shape, strict=True):
                if sizes.setdefault(dim, size) != size:
                    message = f"{name} has {size} along {dim}, others have {sizes[dim]}"
                    raise ValueError(message)


def _variable(
    name: str, given: Sequence[Any] | Plain
) -> tuple[tuple[str, ...], Plain, Mapping[str, Any]]:
    """Dimensions, array and metadata of what stands as a pair, a triple or a list of values."""
    if not isinstance(given, tuple):
        return (name,), np.asarray(given), {}
    dims, values, *attrs = given
    return (dims,) if isinstance(dims, str) else tuple(dims), np.asarray(values), dict(*attrs)


class HasDataset(Protocol):
    """Anything with a result's dataset."""

    @property
    def dataset(self) -> xr.Dataset:
        """Variables ``value``, ``code``, ``detail`` and, where present, ``fate``."""


def plain(result: HasDataset) -> AnyData:
    """What a result holds: its arrays, or its dataset where it has nothing else."""
    arrays = getattr(result, "arrays", None)
    return arrays if isinstance(arrays, NamedArrays) else result.dataset
