"""The references on torch tensors: every mode of differentiation, every dtype."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

torch = pytest.importorskip("torch")

from torch._dynamo.testing import CompileCounter  # noqa: E402
from torch.autograd import gradcheck, gradgradcheck  # noqa: E402

from derivations import (  # noqa: E402
    discriminator_loss,
    gaussian_kl,
    gaussian_nll,
    nonsaturating_generator_loss,
    saturating_generator_loss,
)

SCALES = ("sigma", "variance", "log_variance", "log_sigma")
DTYPES = (torch.float64, torch.float32, torch.bfloat16, torch.float16)
LOSSES = {
    **{
        scale: (lambda m, s, scale=scale: gaussian_kl(m, **{scale: s}), 2)
        for scale in SCALES
    },
    "saturating": (saturating_generator_loss, 1),
    "nonsaturating": (nonsaturating_generator_loss, 1),
    "discriminator": (discriminator_loss, 2),
}


def points(count: int, *shape: int, dtype: torch.dtype = torch.float64) -> list:
    """Positive, so that they can be deviations; away from 0 and from each other."""
    generator = torch.Generator().manual_seed(20261122)
    made = torch.rand(count, *shape, generator=generator, dtype=torch.float64) + 0.25
    return [x.to(dtype).requires_grad_() for x in made]


@pytest.mark.parametrize("name", LOSSES)
def test_reverse_forward_and_double_backward_agree_with_differences(name: str) -> None:
    loss, count = LOSSES[name]
    xs = points(count, 2, 3)
    assert gradcheck(loss, xs, check_forward_ad=True, check_batched_grad=True)
    assert gradgradcheck(loss, xs, check_fwd_over_rev=True)


@pytest.mark.parametrize("name", LOSSES)
def test_blocks_change_no_derivative(name: str) -> None:
    """More elements than a block has: the same numbers, and third derivatives."""
    loss, count = LOSSES[name]
    many = points(count, 400, 101)
    value = loss(*many).sum()
    slopes = torch.autograd.grad(value, many, create_graph=True)
    again = torch.autograd.grad(sum(s.sum() for s in slopes), many, create_graph=True)
    total = sum(s.sum() for s in again)
    third = torch.autograd.grad(total, many, allow_unused=True)  # mu^2 has none
    for found in (*slopes, *again, *(t for t in third if t is not None)):
        assert torch.isfinite(found).all()
    few = [x.detach()[::7].clone().requires_grad_() for x in many]
    if name in SCALES:
        (first, *_) = torch.autograd.grad(loss(*few).sum(), few)
        torch.testing.assert_close(slopes[0][::7], first, rtol=1e-15, atol=0.0)


@pytest.mark.parametrize("name", LOSSES)
def test_the_gradient_of_autograd_is_the_derived_one(name: str) -> None:
    loss, count = LOSSES[name]
    for dtype in DTYPES:
        xs = points(count, 5, 3, dtype=dtype)
        reference = {"saturating": saturating_generator_loss}.get(name)
        if name in SCALES:
            derived = gaussian_kl.gradient(xs[0], **{name: xs[1]})
        elif reference is None:
            reference = {
                "nonsaturating": nonsaturating_generator_loss,
                "discriminator": discriminator_loss,
            }[name]
            derived = reference.gradient(*xs)
        else:
            derived = reference.gradient(*xs)
        slopes = torch.autograd.grad(loss(*xs).sum(), xs)
        for slope, expected, x in zip(slopes, derived, xs, strict=True):
            assert slope.dtype == dtype
            unit = torch.finfo(dtype).eps  # the mean's own rounding of 1/B
            assert torch.allclose(slope, expected.to(dtype), rtol=2 * unit, atol=0.0)
            assert slope.shape == x.shape


def test_vmap_grad_and_jacrev() -> None:
    mu, t = (x.detach() for x in points(2, 4, 3))

    def one(m, s):
        return gaussian_kl(m, log_variance=s)

    value = torch.func.vmap(one)(mu, t)
    torch.testing.assert_close(value, one(mu, t), rtol=0.0, atol=0.0)
    slope = torch.func.vmap(torch.func.grad(one, argnums=1))(mu, t)
    torch.testing.assert_close(slope, torch.expm1(t) / 2, rtol=1e-14, atol=0.0)
    hessian = torch.func.vmap(torch.func.jacfwd(torch.func.jacrev(one, 1), 1))(mu, t)
    diagonal = torch.diag_embed(torch.exp(t) / 2)
    torch.testing.assert_close(hessian, diagonal, rtol=1e-14, atol=0.0)
    unbatched = torch.func.vmap(one, in_dims=(0, None))(mu, t[0])
    torch.testing.assert_close(unbatched, one(mu, t[0]), rtol=0.0, atol=0.0)


def test_the_slope_at_zero_is_one_half() -> None:
    for dtype in DTYPES:
        h = torch.zeros(1, dtype=dtype, requires_grad=True)
        (slope,) = torch.autograd.grad(nonsaturating_generator_loss(h), h)
        assert slope.item() == -0.5


def test_broadcasting_sums_the_gradient_back() -> None:
    mu = torch.zeros(6, 3, dtype=torch.float64, requires_grad=True)
    t = torch.full((3,), 0.5, dtype=torch.float64, requires_grad=True)
    gaussian_kl(mu, log_variance=t).sum().backward()
    expected = 6 * torch.expm1(torch.tensor(0.5, dtype=torch.float64)) / 2
    torch.testing.assert_close(t.grad, expected.expand(3), rtol=1e-15, atol=0.0)


def test_dtype_and_layout_are_kept() -> None:
    for dtype in DTYPES:
        mu = torch.randn(2, 3, 4, 5).to(dtype).to(memory_format=torch.channels_last)
        terms = gaussian_kl.terms(mu, log_variance=mu)
        assert terms.dtype == dtype
        assert terms.stride() == mu.stride()
    value = gaussian_kl(torch.zeros(2, dtype=torch.bfloat16), sigma=1)
    assert value.dtype == torch.bfloat16
    mixed = gaussian_kl(torch.zeros(2), sigma=torch.ones(2, dtype=torch.float64))
    assert mixed.dtype == torch.float64


def test_the_bits_do_not_depend_on_the_layout() -> None:
    mu, t = (x.detach() for x in points(2, 300, 101))
    for dtype in DTYPES:
        m, s = mu.to(dtype), (10 * t - 5).to(dtype)
        whole = gaussian_kl.terms(m, log_variance=s)
        turned = gaussian_kl.terms(m.t(), log_variance=s.t())
        assert turned.stride() == m.t().stride()
        assert torch.equal(turned, whole.t())
        assert torch.equal(gaussian_kl.terms(m[::3], log_variance=s[::3]), whole[::3])


def test_an_empty_axis_sums_to_zero() -> None:
    mu = torch.zeros(2, 0, requires_grad=True)
    value = gaussian_kl(mu, log_variance=torch.zeros(2, 0))
    assert value.tolist() == [0.0, 0.0]
    with pytest.raises(ValueError, match="at least one sample"):
        saturating_generator_loss(torch.zeros(0))


def test_shapes_alone_on_meta() -> None:
    mu = torch.zeros(70000, 3, device="meta", requires_grad=True)
    value = gaussian_kl(mu, log_variance=mu)
    assert value.device.type == "meta"
    assert value.shape == (70000,)
    (slope,) = torch.autograd.grad(value.sum(), mu)
    assert slope.shape == mu.shape


def test_autocast_changes_nothing_but_the_sum() -> None:
    mu = torch.randn(4, 8, dtype=torch.bfloat16)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        terms = gaussian_kl.terms(mu, log_variance=mu)
        value = gaussian_kl(mu, log_variance=mu)
    torch.testing.assert_close(
        terms, gaussian_kl.terms(mu, log_variance=mu), rtol=0.0, atol=0.0
    )
    assert torch.isfinite(value).all()


def test_compiled_in_one_graph() -> None:
    def step(m, t, h):
        kl = gaussian_kl(m, log_variance=t)
        return kl.mean() + nonsaturating_generator_loss(h)

    xs = points(3, 7, 5)
    compiled = torch.compile(step, fullgraph=True, dynamic=False)
    for function in (step, compiled):
        value = function(*xs)
        slopes = torch.autograd.grad(value, xs)
        if function is step:
            expected = value, slopes
    four = 4 * torch.finfo(torch.float64).eps  # the bound of each, in either
    torch.testing.assert_close(value, expected[0], rtol=four, atol=0.0)
    for slope, other in zip(slopes, expected[1], strict=True):
        torch.testing.assert_close(slope, other, rtol=2 * four, atol=0.0)


class Labelled(torch.Tensor):
    """A tensor of a class of somebody's own."""


class Scale(torch.nn.Parameter):
    """A parameter of a class of somebody's own."""


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        (torch.nn.Parameter, ()),
        (torch.nn.Parameter, (7, 5)),
        (torch.nn.Buffer, (5,)),
        (Scale, (5,)),
    ],
)
def test_a_parameter_is_compiled_in_one_graph(kind: type, shape: tuple) -> None:
    (mean, _), (scale, _) = points(2, 7, 5), points(2, *shape)
    given = kind(scale.detach()).requires_grad_()
    torch.compiler.reset()  # classes and shapes share one function's few versions

    def step(x, t):
        return gaussian_nll(x, 0.5, log_variance=t).mean()

    compiled = torch.compile(step, fullgraph=True, backend="aot_eager")(mean, given)
    expected = step(mean, given)
    four = 4 * torch.finfo(torch.float64).eps  # the bound of each, in either
    torch.testing.assert_close(compiled, expected, rtol=2 * four, atol=0.0)
    slopes = torch.autograd.grad(compiled, (mean, given))
    others = torch.autograd.grad(expected, (mean, given))
    for slope, other in zip(slopes, others, strict=True):  # 35 terms are added up
        torch.testing.assert_close(slope, other, rtol=0.0, atol=35 * four)


def test_a_tensor_of_a_class_of_its_own_is_compiled_in_one_graph() -> None:
    """By `eager` alone: torch translates no class without `__torch_dispatch__`."""
    given = torch.ones(3).as_subclass(Labelled)
    compiled = torch.compile(gaussian_kl, fullgraph=True, backend="eager")
    assert torch.equal(compiled(given, sigma=2.0), gaussian_kl(given, sigma=2.0))
    assert type(compiled(given, sigma=2.0)) is Labelled


def test_a_module_imported_between_calls_compiles_nothing_anew() -> None:
    counted = CompileCounter()
    compiled = torch.compile(gaussian_kl, fullgraph=True, backend=counted)
    given = torch.nn.Parameter(torch.ones(3))
    compiled(given, sigma=2.0)
    assert counted.frame_count == 1
    name = "lossproof_imported_between_calls"
    sys.modules[name] = ModuleType(name)
    try:
        compiled(given, sigma=2.0)
    finally:
        del sys.modules[name]
    assert counted.frame_count == 1


def test_two_losses_compile_one_after_the_other() -> None:
    h = torch.zeros(3, dtype=torch.float64)

    def apply(loss, x):
        return loss(x)

    one = torch.compile(apply, fullgraph=True, backend="eager")
    for loss in (saturating_generator_loss, nonsaturating_generator_loss):
        assert one(loss, h) == loss(h)
        alone = torch.compile(loss, fullgraph=True, backend="eager")
        assert alone(h) == loss(h)


def test_forward_mode_compiled_has_the_derived_slope_too() -> None:
    h = torch.zeros(2)
    terms = saturating_generator_loss.terms
    found = torch.compile(
        torch.func.vmap(torch.func.jacfwd(terms)), backend="aot_eager"
    )
    assert found(h).tolist() == [-0.5, -0.5]
    reverse = torch.func.grad(lambda x: terms(x).sum())
    slope = torch.compile(reverse, fullgraph=True, backend="aot_eager")(h)
    assert slope.tolist() == [-0.5, -0.5]


def test_a_gradient_is_no_alias_of_what_was_given() -> None:
    mu = torch.ones(3)
    gaussian_kl.gradient(mu, sigma=2.0)[0].mul_(0.0)
    assert mu.tolist() == [1.0, 1.0, 1.0]


def test_a_tensor_without_axes_does_not_widen_the_result() -> None:
    value = gaussian_kl(torch.zeros(3), sigma=torch.tensor(2.0, dtype=torch.float64))
    assert value.dtype == torch.float32


def test_the_last_subnormal_is_no_false_zero() -> None:
    h = torch.tensor([-744.3], dtype=torch.float64)
    assert saturating_generator_loss.terms(h).item() == -5e-324


def test_two_devices_are_refused() -> None:
    mu = torch.zeros(3)
    with pytest.raises(ValueError, match="mu on cpu, sigma on meta"):
        gaussian_kl(mu, sigma=torch.ones(3, device="meta"))


def test_integers_are_refused() -> None:
    with pytest.raises(TypeError, match="logits is int64, need one of float64"):
        saturating_generator_loss(torch.arange(3))
    with pytest.raises(ValueError, match=r"broadcast, got mu \(3,\), sigma \(2,\)"):
        gaussian_kl(torch.ones(3), sigma=torch.ones(2))
